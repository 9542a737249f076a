import { ref, type Ref } from 'vue'
import { ApiProblem, troubleOf, type Trouble } from './problem'

/** How much a person waits for at this moment: while there is something, the page says so (AppPage). */
export const awaited = ref(0)

/** Questions a person is asked at this moment: it is then they who are waited for, and the page asks nobody for patience. */
export const asked = ref(0)

/** Something the person has to answer before it goes on: a pop-up, a permission. */
export async function asking<T>(answer: Promise<T>): Promise<T> {
  asked.value += 1
  try {
    return await answer
  } finally {
    asked.value -= 1
  }
}

/** Something a person waits for. */
export async function awaiting<T>(work: () => Promise<T>): Promise<T> {
  awaited.value += 1
  try {
    return await work()
  } finally {
    awaited.value -= 1
  }
}

export interface Attempts {
  busy: Ref<boolean>
  trouble: Ref<Trouble | null>
  /** Do something that may fail, one at a time; what failed is shown, and undefined returned. */
  attempt: <T>(work: () => Promise<T>) => Promise<T | undefined>
  /** Attempt it, after what is being done just now: what a person chose is never passed over, of several choices the last counts. */
  attemptNext: (work: () => Promise<unknown>) => void
}

/** One place where what was tried is waited for and its troubles are shown; `ended` is called when the session is over. */
export function useAttempts(ended?: () => void, tell: (error: unknown) => Trouble = troubleOf): Attempts {
  const busy = ref(false)
  const trouble = ref<Trouble | null>(null)
  let next: (() => Promise<unknown>) | null = null

  async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (busy.value) return undefined
    busy.value = true
    trouble.value = null
    try {
      return await awaiting(work)
    } catch (error) {
      if (ended && error instanceof ApiProblem && error.status === 401) {
        next = null // another page opens
        ended()
      } else trouble.value = tell(error)
      return undefined
    } finally {
      busy.value = false
      const following = next
      next = null
      if (following) void attempt(following)
    }
  }

  function attemptNext(work: () => Promise<unknown>): void {
    if (busy.value) next = work
    else void attempt(work)
  }
  return { busy, trouble, attempt, attemptNext }
}
