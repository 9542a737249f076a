import type { Room } from '@/platform/types'
import type { Medium } from './answering'

/** What a second of an answer takes, with a little to spare (bytes). */
const PER_SECOND: Record<Medium, number> = { video: 140_000, voice: 10_000, text: 0 }
/** Less than this much of an answer is not worth beginning (seconds). */
const LEAST_SECONDS = 20
/** Of a platform's limit (WeChat's 200 MB), from here on the person is told. */
const WARN_SHARE = 0.75

export interface RoomVerdict {
  /** enough: say nothing; tight: the whole answer may not fit, or the limit is near; full: nothing is begun. */
  state: 'enough' | 'tight' | 'full'
  /** Seconds of this medium that still fit. */
  seconds: number
}

/** Whether an answer of at most `answerMs` still fits on this device. */
export function verdictOfRoom(room: Room, medium: Medium, answerMs: number): RoomVerdict {
  const rate = PER_SECOND[medium]
  if (rate === 0) return { state: 'enough', seconds: Infinity }
  const seconds = Math.floor(room.free / rate)
  if (seconds < LEAST_SECONDS) return { state: 'full', seconds }
  const near = room.limit !== null && room.kept >= room.limit * WARN_SHARE
  return { state: near || seconds * 1000 < answerMs ? 'tight' : 'enough', seconds }
}
