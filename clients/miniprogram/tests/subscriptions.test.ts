import { describe, expect, it, vi } from 'vitest'
import { askAt, MOST_TEMPLATES, templatesFor, WANTED, type Tap } from '@/core/subscriptions'

const PURPOSES = ['invitation', 'reminder_day', 'reminder_hour', 'result', 'survey']
const offered = (remaining: Record<string, number> = {}) => ({
  templates: PURPOSES.map((purpose) => ({ template_id: `T-${purpose}`, purpose })),
  remaining,
})

describe('subscriptions', () => {
  it('are asked for at the tap they belong to, never more than WeChat shows', () => {
    for (const tap of Object.keys(WANTED) as Tap[]) {
      const asked = templatesFor(tap, offered())
      expect(asked).toEqual(WANTED[tap].map((purpose) => `T-${purpose}`))
      expect(asked.length).toBeLessThanOrEqual(MOST_TEMPLATES)
    }
  })

  it('that still carry a message are not asked for again', () => {
    expect(templatesFor('accept', offered({ 'T-reminder_day': 1, 'T-result': 2 }))).toEqual(['T-reminder_hour'])
  })

  it('are reported once per tap, with the answers as they were', async () => {
    const subscribe = vi.fn(async () => ({ errMsg: 'ok', 'T-result': 'accept', 'T-survey': 'reject' }) as never)
    const put = vi.fn(async () => undefined as never)
    expect(await askAt('finish', offered(), 'wx1', { subscribe }, { put }, 'r1')).toBe('accepted')
    expect(subscribe).toHaveBeenCalledWith('wx1', ['T-result', 'T-survey'])
    const body = { results: { 'T-result': 'accept', 'T-survey': 'reject' }, request_id: 'r1' }
    expect(put).toHaveBeenCalledWith('/api/v1/candidate/subscriptions', body)
  })

  it('are asked for while the tap is handled: nothing is awaited before', () => {
    const subscribe = vi.fn(async () => null)
    void askAt('accept', offered(), 'wx1', { subscribe }, { put: vi.fn() }, 'r1')
    expect(subscribe).toHaveBeenCalledOnce()
  })

  it('that are refused or impossible stand in nobody’s way', async () => {
    const put = vi.fn(async () => undefined as never)
    const refuse = async (_app: string, ids: string[]) => Object.fromEntries(ids.map((id) => [id, 'reject' as const]))
    expect(await askAt('book', offered(), 'wx1', { subscribe: refuse }, { put }, 'r1')).toBe('refused')
    expect(await askAt('book', offered(), 'wx1', { subscribe: async () => null }, { put }, 'r2')).toBe('unsupported')
    expect(await askAt('book', { templates: [], remaining: {} }, 'wx1', { subscribe: refuse }, { put }, 'r3')).toBe('unsupported')
    expect(put).toHaveBeenCalledTimes(1)
  })
})
