import { reactive } from 'vue'

/** Beyond this the person is told; within it nobody would notice. */
const WRONG_MS = 90_000
/** A `Date` header counts whole seconds and the way takes time: smaller differences say nothing. */
const NOISE_MS = 2_000

const state = reactive({ offsetMs: 0 })

/** The server's clock as a `Date` header told it, seen between `sentAt` and `gotAt` on this device (milliseconds). */
export function learnMoment(date: string | undefined, sentAt: number, gotAt: number): void {
  const said = date ? Date.parse(date) : NaN
  if (Number.isNaN(said)) return
  const offsetMs = said + 500 - (sentAt + gotAt) / 2
  const slack = NOISE_MS + (gotAt - sentAt) / 2
  if (Math.abs(offsetMs - state.offsetMs) > slack) state.offsetMs = Math.abs(offsetMs) > slack ? offsetMs : 0
}

/** The present moment by the server's clock, as far as it is known (milliseconds). */
export function now(): number {
  return Date.now() + state.offsetMs
}

/** How many milliseconds this device's clock is fast (negative: slow), when that is worth telling; else null. */
export function clockError(): number | null {
  return Math.abs(state.offsetMs) >= WRONG_MS ? -state.offsetMs : null
}
