import { ref } from 'vue'
import { platform } from '@platform'
import type { Schemas } from '@/api/client'
import { asking } from './attempts'
import { newId } from './ids'
import { ApiProblem } from './problem'
import { apiOf, publicApi } from './session'
import { askAt, type Outcome, type Tap } from './subscriptions'

/** An accepted message is counted by the server a moment later; until then nobody is asked for it again. */
const COUNTED_MS = 60_000
const accepted = new Map<string, number>()

async function subscribe(appId: string, templates: string[]) {
  const answers = await asking(platform().subscribe(appId, templates))
  for (const id of templates) if (answers?.[id] === 'accept') accepted.set(id, Date.now())
  return answers
}

function withAccepted(offered: Schemas['SubscriptionsOut']): Schemas['SubscriptionsOut'] {
  const remaining = { ...offered.remaining }
  for (const [id, at] of accepted) if (Date.now() - at < COUNTED_MS) remaining[id] = Math.max(remaining[id] ?? 0, 1)
  return { ...offered, remaining }
}

/** The templates are loaded with the page, so that a tap can ask at once (WeChat asks only while a tap is handled). */
export function useSubscriptions() {
  const offered = ref<Schemas['SubscriptionsOut']>({ templates: [], remaining: {} })
  let token = ''
  let appId = ''

  async function load(ofToken: string): Promise<void> {
    token = ofToken
    try {
      offered.value = await apiOf(token).get('/api/v1/candidate/subscriptions')
      if (offered.value.templates.length && !appId) {
        appId = (await publicApi().get('/api/v1/invitation-links/{token}', { params: { token } })).app_id
      }
    } catch (error) {
      // An invitation that is over offers none, and no page fails because of messages.
      if (!(error instanceof ApiProblem) || error.status === 401) throw error
    }
  }

  /** What became of it never stands in the way: without consent the messages come by SMS. */
  async function ask(tap: Tap): Promise<Outcome> {
    try {
      return await askAt(tap, withAccepted(offered.value), appId, { subscribe }, apiOf(token), newId())
    } catch (error) {
      console.warn('subscriptions', error)
      return 'unsupported'
    }
  }

  return { load, ask }
}
