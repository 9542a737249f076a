import { describe, expect, it } from 'vitest'
import { verdictOfRoom } from '@/core/room'

const MB = 1024 * 1024
const ANSWER_MS = 180_000

describe('room for a recording', () => {
  it('is refused when not even twenty seconds fit', () => {
    expect(verdictOfRoom({ kept: 0, free: 2 * MB, limit: null }, 'video', ANSWER_MS).state).toBe('full')
    expect(verdictOfRoom({ kept: 0, free: 2 * MB, limit: null }, 'voice', ANSWER_MS).state).toBe('enough')
    expect(verdictOfRoom({ kept: 0, free: 0, limit: null }, 'text', ANSWER_MS).state).toBe('enough')
  })

  it('is told when the whole answer may not fit, or the limit of WeChat is near', () => {
    expect(verdictOfRoom({ kept: 0, free: 10 * MB, limit: null }, 'video', ANSWER_MS)).toMatchObject({ state: 'tight', seconds: 74 })
    const weChat = (kept: number) => verdictOfRoom({ kept: kept * MB, free: (195 - kept) * MB, limit: 195 * MB }, 'video', ANSWER_MS).state
    expect([0, 146, 150, 192, 194].map(weChat)).toEqual(['enough', 'enough', 'tight', 'tight', 'full'])
  })

  it('says nothing on a device that does not tell', () => {
    expect(verdictOfRoom({ kept: 500 * MB, free: Infinity, limit: null }, 'video', ANSWER_MS).state).toBe('enough')
  })
})
