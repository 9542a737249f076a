import { describe, expect, it, vi } from 'vitest'
import { useAttempts } from '@/core/attempts'
import { ApiProblem } from '@/core/problem'

/** Work that is over when it is told to be. */
function held() {
  let end: () => void = () => undefined
  let fail: (error: unknown) => void = () => undefined
  const over = new Promise<void>((resolve, reject) => ([end, fail] = [resolve, reject]))
  return { work: vi.fn(() => over), end: () => end(), fail: (error: unknown) => fail(error) }
}
const settled = () => new Promise((resolve) => setTimeout(resolve))
const refused = (status: number) => new ApiProblem(status, 'refused', '', '', '')

describe('attempts', () => {
  it('does one thing at a time: a second tap on the same button does nothing', async () => {
    const { attempt, busy } = useAttempts()
    const [first, second] = [held(), held()]
    void attempt(first.work)
    void attempt(second.work)
    first.end()
    await settled()
    expect(second.work).not.toHaveBeenCalled()
    expect(busy.value).toBe(false)
  })

  it.each([true, false])('goes on with what was chosen meanwhile, of several with the last (the first succeeded: %s)', async (succeeds) => {
    const { attempt, attemptNext, busy, trouble } = useAttempts()
    const [first, second, third] = [held(), held(), held()]
    void attempt(first.work)
    attemptNext(second.work)
    attemptNext(third.work)
    if (succeeds) first.end()
    else first.fail(refused(409))
    await settled()
    expect(second.work).not.toHaveBeenCalled()
    expect(third.work).toHaveBeenCalledOnce()
    expect(busy.value).toBe(true)
    third.end()
    await settled()
    expect(busy.value).toBe(false)
    expect(trouble.value).toBeNull()
  })

  it('goes on with nothing when the session is over', async () => {
    const ended = vi.fn()
    const { attempt, attemptNext } = useAttempts(ended)
    const [first, second] = [held(), held()]
    void attempt(first.work)
    attemptNext(second.work)
    first.fail(refused(401))
    await settled()
    expect(ended).toHaveBeenCalledOnce()
    expect(second.work).not.toHaveBeenCalled()
  })
})
