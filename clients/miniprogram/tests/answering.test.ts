import { describe, expect, it } from 'vitest'
import { canContinue, canRepeat, fresh, step, type Answering, type Event, type Limits } from '@/core/answering'

const LIMITS: Limits = { thinkMs: 30_000, answerMs: 120_000 }
const play = (events: Event[], from: Answering = fresh('video', LIMITS, 2), limits = LIMITS) =>
  events.reduce((state, event) => step(state, event, limits), from)
const recorded: Event[] = [{ kind: 'begin' }, { kind: 'begin' }, { kind: 'recorder-ready' }, { kind: 'tick', ms: 5000 }, { kind: 'stop' }]

describe('an answer', () => {
  it('is thought about, recorded, looked at and handed in', () => {
    expect(play([{ kind: 'begin' }]).phase).toBe('thinking')
    expect(play([{ kind: 'begin' }, { kind: 'tick', ms: 12_000 }]).thinkMs).toBe(18_000)
    const stopped = play([...recorded, { kind: 'recorder-stopped', recordedMs: 5100, interrupted: false }])
    expect(stopped).toMatchObject({ phase: 'review', recordedMs: 5100, takesLeft: 1, interrupted: false })
    expect(play([{ kind: 'hand-in' }], stopped).phase).toBe('handed')
  })

  it('starts by itself when the time to think is over, and at once without any', () => {
    expect(play([{ kind: 'begin' }, { kind: 'tick', ms: 31_000 }]).phase).toBe('starting')
    const none = { thinkMs: 0, answerMs: 1000 }
    expect(play([{ kind: 'begin' }], fresh('voice', none, 1), none).phase).toBe('starting')
  })

  it('ends at its limit, whatever the clock jumps over', () => {
    const state = play([...recorded.slice(0, 3), { kind: 'tick', ms: 500_000 }])
    expect(state).toMatchObject({ phase: 'stopping', recordedMs: LIMITS.answerMs })
  })

  it('may be recorded again as often as is allowed, and no oftener', () => {
    const review = play([...recorded, { kind: 'recorder-stopped', recordedMs: 5000, interrupted: false }])
    expect(canRepeat(review)).toBe(true)
    const again = play([{ kind: 'again' }, { kind: 'recorder-ready' }, { kind: 'stop' }, { kind: 'recorder-stopped', recordedMs: 4000, interrupted: false }], review)
    expect(again).toMatchObject({ phase: 'review', takesLeft: 0, recordedMs: 4000 })
    expect(canRepeat(again)).toBe(false)
    expect(play([{ kind: 'again' }], again)).toBe(again)
    expect(play([{ kind: 'begin' }], fresh('video', { ...LIMITS, thinkMs: 0 }, 0)).phase).toBe('reading')
  })

  it('that was cut short goes on in the same take', () => {
    const cut = play([...recorded.slice(0, 4), { kind: 'recorder-stopped', recordedMs: 5000, interrupted: true }])
    expect(canContinue(cut, LIMITS)).toBe(true)
    const goesOn = play([{ kind: 'continue' }, { kind: 'recorder-ready' }], cut)
    expect(goesOn).toMatchObject({ phase: 'recording', recordedMs: 5000, takesLeft: 1, interrupted: false })
    const full = { ...cut, recordedMs: LIMITS.answerMs }
    expect(canContinue(full, LIMITS)).toBe(false)
  })

  it('found after a reload is looked at, unless it is nothing', () => {
    expect(play([{ kind: 'found', recordedMs: 8000 }])).toMatchObject({ phase: 'review', interrupted: true, recordedMs: 8000 })
    expect(play([{ kind: 'found', recordedMs: 200 }]).phase).toBe('reading')
  })

  it('of no length costs no take, nor does a recorder that fails', () => {
    expect(play([...recorded, { kind: 'recorder-stopped', recordedMs: 0, interrupted: false }])).toMatchObject({ phase: 'reading', takesLeft: 2 })
    expect(play([{ kind: 'begin' }, { kind: 'begin' }, { kind: 'recorder-failed' }])).toMatchObject({ phase: 'reading', takesLeft: 2 })
  })

  it('may be written, and the way of answering changed before it begins', () => {
    const writing = play([{ kind: 'choose', medium: 'text' }, { kind: 'begin' }])
    expect(writing.phase).toBe('writing')
    expect(play([{ kind: 'back' }, { kind: 'choose', medium: 'voice' }], writing)).toMatchObject({ phase: 'reading', medium: 'voice' })
    expect(play([{ kind: 'hand-in' }], writing).phase).toBe('handed')
  })

  it('ignores events that mean nothing where it stands', () => {
    const every: Event[] = [
      { kind: 'stop' }, { kind: 'hand-in' }, { kind: 'again' }, { kind: 'continue' }, { kind: 'recorder-ready' }, { kind: 'recorder-failed' },
      { kind: 'back' }, { kind: 'tick', ms: 1000 }, { kind: 'recorder-stopped', recordedMs: 9000, interrupted: false },
    ]
    const start = fresh('video', LIMITS, 1)
    for (const event of every) expect(step(start, event, LIMITS)).toBe(start)
    const recording = play(recorded.slice(0, 3))
    for (const event of [{ kind: 'begin' }, { kind: 'choose', medium: 'text' }, { kind: 'hand-in' }, { kind: 'found', recordedMs: 9000 }] as Event[]) {
      expect(step(recording, event, LIMITS)).toBe(recording)
    }
  })
})
