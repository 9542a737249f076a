import { DeviceError, NetworkError } from '@/platform/types'
import { has, t } from './i18n'

/** A refusal of the API (RFC 9457): a stable code, and words in the language that was asked for. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly next: string,
    readonly extra: Record<string, unknown> = {},
  ) {
    super(`${status} ${code}`)
  }
}

/** What a page shows when something did not work: what happened and what to do now. */
export interface Trouble {
  code: string
  title: string
  detail: string
  next: string
}

export function troubleOf(error: unknown): Trouble {
  if (error instanceof ApiProblem) {
    return { code: error.code, title: error.title, detail: error.detail, next: error.next }
  }
  if (error instanceof NetworkError) return worded('network')
  if (error instanceof DeviceError) return worded(`device_${error.fault}`)
  console.error(error)
  return worded('unexpected')
}

/** What can never work again: asking once more is not offered. */
const FINAL = new Set(['candidate_erased', 'invitation_declined', 'invitation_cancelled', 'invitation_unknown'])
export const isFinal = (trouble: Trouble): boolean => FINAL.has(trouble.code)

/** As `troubleOf`, said to the candidate themselves where the server speaks of a candidate. */
export function ownTroubleOf(error: unknown): Trouble {
  const trouble = troubleOf(error)
  return trouble.code === 'candidate_erased' ? worded(trouble.code) : trouble
}

export function worded(code: string, params: Record<string, string | number> = {}): Trouble {
  const home = has(`problems.${code}.title`) ? `problems.${code}` : 'problems.unexpected'
  return { code, title: t(`${home}.title`, params), detail: t(`${home}.detail`, params), next: t(`${home}.next`, params) }
}
