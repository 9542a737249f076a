import { describe, expect, it, vi } from 'vitest'

vi.mock('@platform', () => ({ platform: () => ({ scope: '' }) }))
const { tokenIn } = await import('@/core/mine')
const TOKEN = '7ZSkmy6iDhMpChjhVXWVpGsXCoCs'

describe('a pasted link', () => {
  it.each([TOKEN, ` ${TOKEN}\n`, `https://a.example/i/${TOKEN}`, `https://a.example/m/#/pages/invitation/index?token=${TOKEN}&x=1`, `【微面】您好，链接：https://a.example/i/${TOKEN}。`])(
    'holds its token: %s',
    (pasted) => expect(tokenIn(pasted)).toBe(TOKEN),
  )

  it.each(['', 'hello', `${TOKEN}x`, 'https://a.example/i/short', 'https://a.example/elsewhere'])('or none: %s', (pasted) => expect(tokenIn(pasted)).toBeNull())
})
