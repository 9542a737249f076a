import { ApiProblem } from '@/core/problem'
import { NetworkError } from '@/platform/types'
import { findLast, findStaff, keepLast } from './session'

/** Something of the API, with the moment it was true. `stale` when the server could not be asked just now. */
export interface Seen<T> {
  value: T
  at: number
  stale: boolean
}

/** What `ask` gives; while the network or the server is away, what it gave the last time on this device. */
export async function lastState<T>(key: string, ask: () => Promise<T>, now: () => number = Date.now): Promise<Seen<T>> {
  try {
    const seen = { value: await ask(), at: now(), stale: false }
    if (findStaff()) keepLast(key, { value: seen.value, at: seen.at })
    return seen
  } catch (error) {
    const kept = isAway(error) ? findLast<{ value: T; at: number }>(key) : null
    if (!kept) throw error
    return { ...kept, stale: true }
  }
}

function isAway(error: unknown): boolean {
  return error instanceof NetworkError || (error instanceof ApiProblem && error.status >= 500)
}
