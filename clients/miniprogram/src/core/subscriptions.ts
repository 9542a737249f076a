import type { Api } from '@/api/client'
import type { Platform, SubscribeAnswer } from '@/platform/types'

/** WeChat shows at most this many templates in one pop-up. */
export const MOST_TEMPLATES = 3

/** What each tap is about: the messages that come next from there (docs: one consent is one message). */
export const WANTED: Record<Tap, string[]> = {
  accept: ['reminder_day', 'reminder_hour', 'result'],
  book: ['reminder_day', 'reminder_hour'],
  start: ['result', 'survey'],
  finish: ['result', 'survey'],
}
export type Tap = 'accept' | 'book' | 'start' | 'finish'

interface Offered {
  templates: { template_id: string; purpose: string }[]
  remaining: Record<string, number>
}

/** Templates to ask for at a tap: those it is about that carry no message yet. */
export function templatesFor(tap: Tap, offered: Offered): string[] {
  const order = WANTED[tap]
  return offered.templates
    .filter((template) => order.includes(template.purpose) && left(offered, template) === 0)
    .sort((a, b) => order.indexOf(a.purpose) - order.indexOf(b.purpose))
    .slice(0, MOST_TEMPLATES)
    .map((template) => template.template_id)
}

const left = (offered: Offered, template: { template_id: string }) => offered.remaining[template.template_id] ?? 0

export type Outcome = 'unsupported' | 'accepted' | 'refused'

/**
 * Ask at a tap and report the answers once. A refusal is an answer, never an obstacle: messages then come by SMS.
 * `offered` is loaded before the tap, because WeChat only asks while the tap is handled.
 */
export async function askAt(
  tap: Tap,
  offered: Offered,
  appId: string,
  platform: Pick<Platform, 'subscribe'>,
  api: Pick<Api, 'put'>,
  requestId: string,
): Promise<Outcome> {
  const templates = templatesFor(tap, offered)
  if (!templates.length) return 'unsupported'
  const answers = await platform.subscribe(appId, templates)
  if (answers === null) return 'unsupported'
  const results: Record<string, SubscribeAnswer> = {}
  for (const id of templates) if (answers[id]) results[id] = answers[id]!
  if (Object.keys(results).length) await api.put('/api/v1/candidate/subscriptions', { results, request_id: requestId })
  return Object.values(results).includes('accept') ? 'accepted' : 'refused'
}
