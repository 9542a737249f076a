/** One answer from reading the question to handing it in, as a pure state machine. Times in milliseconds. */

export type Medium = 'video' | 'voice' | 'text'
export type Phase = 'reading' | 'thinking' | 'starting' | 'recording' | 'stopping' | 'review' | 'writing' | 'handed'

export interface Limits {
  thinkMs: number
  answerMs: number
}

export interface Answering {
  phase: Phase
  medium: Medium
  /** Left of the time to think. */
  thinkMs: number
  /** Recorded so far, over all runs of the recorder. */
  recordedMs: number
  takesLeft: number
  /** The recorder ended by itself: what was recorded is kept and may be continued. */
  interrupted: boolean
}

export type Event =
  | { kind: 'choose'; medium: Medium }
  | { kind: 'begin' }
  | { kind: 'tick'; ms: number }
  | { kind: 'recorder-ready' }
  | { kind: 'recorder-failed' }
  | { kind: 'stop' }
  | { kind: 'recorder-stopped'; recordedMs: number; interrupted: boolean }
  | { kind: 'found'; recordedMs: number }
  | { kind: 'continue' }
  | { kind: 'again' }
  | { kind: 'hand-in' }
  | { kind: 'hand-in-failed' }
  | { kind: 'back' }

/** Less than this is nobody's answer: it is thrown away and costs no take. */
export const SHORTEST_MS = 1000

export function fresh(medium: Medium, limits: Limits, takesLeft: number): Answering {
  return { phase: 'reading', medium, thinkMs: limits.thinkMs, recordedMs: 0, takesLeft, interrupted: false }
}

/** The next state. An event that means nothing in a phase changes nothing: a second tap, a late callback. */
export function step(state: Answering, event: Event, limits: Limits): Answering {
  switch (event.kind) {
    case 'choose':
      return state.phase === 'reading' ? { ...state, medium: event.medium } : state
    case 'begin':
      return begin(state)
    case 'tick':
      return tick(state, event.ms, limits)
    case 'recorder-ready':
      return state.phase === 'starting' ? { ...state, phase: 'recording', interrupted: false } : state
    case 'recorder-failed':
      return state.phase === 'starting' ? failed(state) : state
    case 'stop':
      return state.phase === 'recording' ? { ...state, phase: 'stopping' } : state
    case 'recorder-stopped':
      return stopped(state, event.recordedMs, event.interrupted)
    case 'found':
      return state.phase === 'reading' && event.recordedMs >= SHORTEST_MS
        ? { ...state, phase: 'review', recordedMs: event.recordedMs, interrupted: true }
        : state
    case 'continue':
      return canContinue(state, limits) ? { ...state, phase: 'starting' } : state
    case 'again':
      return canRepeat(state)
        ? { ...state, phase: 'starting', recordedMs: 0, takesLeft: state.takesLeft - 1, interrupted: false }
        : state
    case 'hand-in':
      return state.phase === 'review' || state.phase === 'writing' ? { ...state, phase: 'handed' } : state
    case 'hand-in-failed':
      return state.phase === 'handed' ? { ...state, phase: 'review' } : state
    case 'back':
      return state.phase === 'writing' || state.phase === 'thinking' ? { ...state, phase: 'reading' } : state
  }
}

export function canRepeat(state: Answering): boolean {
  return state.phase === 'review' && state.takesLeft > 0
}

/** A recording that was cut short goes on in the same take. */
export function canContinue(state: Answering, limits: Limits): boolean {
  return state.phase === 'review' && state.interrupted && limits.answerMs - state.recordedMs >= SHORTEST_MS
}

function failed(state: Answering): Answering {
  if (state.recordedMs > 0) return { ...state, phase: 'review' }
  return { ...state, phase: 'reading', takesLeft: state.takesLeft + 1 }
}

function begin(state: Answering): Answering {
  if (state.phase === 'reading' && state.medium === 'text') return { ...state, phase: 'writing' }
  if (state.phase === 'reading' && state.takesLeft < 1) return state
  if (state.phase === 'reading' && state.thinkMs > 0) return { ...state, phase: 'thinking' }
  if (state.phase === 'reading' || state.phase === 'thinking') {
    return { ...state, phase: 'starting', takesLeft: state.takesLeft - 1 }
  }
  return state
}

function tick(state: Answering, ms: number, limits: Limits): Answering {
  if (state.phase === 'thinking') {
    const thinkMs = Math.max(0, state.thinkMs - ms)
    return thinkMs > 0 ? { ...state, thinkMs } : begin({ ...state, thinkMs })
  }
  if (state.phase === 'recording') {
    const recordedMs = Math.min(limits.answerMs, state.recordedMs + ms)
    return { ...state, recordedMs, phase: recordedMs < limits.answerMs ? 'recording' : 'stopping' }
  }
  return state
}

function stopped(state: Answering, recordedMs: number, interrupted: boolean): Answering {
  if (state.phase !== 'recording' && state.phase !== 'stopping') return state
  if (recordedMs < SHORTEST_MS) {
    // nothing of it left the device, so it costs nothing
    return { ...state, phase: 'reading', recordedMs: 0, takesLeft: state.takesLeft + 1, interrupted: false }
  }
  return { ...state, phase: 'review', recordedMs, interrupted }
}
