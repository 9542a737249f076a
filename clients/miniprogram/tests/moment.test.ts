import { beforeEach, describe, expect, it, vi } from 'vitest'
import { clockError, learnMoment, now } from '@/core/moment'

const HOUR = 3_600_000
const header = (ms: number) => new Date(Math.floor(ms / 1000) * 1000).toUTCString()

describe("the server's clock", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.UTC(2026, 10, 22, 12, 0, 0, 300) })
    learnMoment(header(Date.now()), Date.now(), Date.now())
  })

  it('says nothing of differences that nobody would notice', () => {
    for (const off of [-1500, 0, 1500]) {
      learnMoment(header(Date.now() + off), Date.now() - 200, Date.now())
      expect(now()).toBe(Date.now())
      expect(clockError()).toBeNull()
    }
  })

  it.each([2 * HOUR, -2 * HOUR, 400 * 24 * HOUR])('is followed when this device is off by %d ms', (off) => {
    const real = Date.now() - off
    learnMoment(header(real), Date.now() - 100, Date.now())
    expect(Math.abs(now() - real)).toBeLessThan(1500)
    expect(Math.abs(clockError()! - off)).toBeLessThan(1500)
    learnMoment(header(Date.now()), Date.now(), Date.now()) // somebody set the clock right
    expect(clockError()).toBeNull()
  })

  it('is not taken from a header that is missing or no date', () => {
    for (const said of [undefined, '', 'yesterday']) learnMoment(said, Date.now(), Date.now())
    expect(now()).toBe(Date.now())
  })
})
