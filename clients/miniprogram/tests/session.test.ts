import { beforeEach, describe, expect, it, vi } from 'vitest'

const stored = new Map<string, unknown>()
vi.stubGlobal('uni', {
  getStorageSync: (key: string) => stored.get(key) ?? '',
  setStorageSync: (key: string, value: unknown) => stored.set(key, value),
  removeStorageSync: (key: string) => stored.delete(key),
  getStorageInfoSync: () => ({ keys: [...stored.keys()] }),
})
vi.mock('@platform', () => ({ platform: () => ({ scope: 'here:' }) }))
const { forgetInvitation, keepSession, knownTokens } = await import('@/core/session')

describe('an invitation that is forgotten on a device', () => {
  beforeEach(() => stored.clear())

  it('leaves nothing behind, and others as they are', () => {
    for (const token of ['mine', 'other']) {
      keepSession(token, { access_token: 'a', refresh_token: 'r' })
      for (const what of ['draft', 'think', 'write']) stored.set(`here:${what}:${token}:q1`, 'words')
      for (const what of ['device', 'checked', 'thread', 'notices']) stored.set(`here:${what}:${token}`, 1)
    }
    stored.set('somebody:draft:mine:q1', 'words of another person in the sandbox')
    forgetInvitation('mine')
    expect(knownTokens()).toEqual(['other'])
    expect([...stored.keys()].filter((key) => key.includes('mine'))).toEqual(['somebody:draft:mine:q1'])
    expect([...stored.keys()].filter((key) => key.includes('other'))).toHaveLength(8)
  })
})
