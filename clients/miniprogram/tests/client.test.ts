import { describe, expect, it } from 'vitest'
import { Api } from '@/api/client'
import { NetworkError, type HttpRequest } from '@/platform/types'

describe('what is sent again after its answer got lost', () => {
  it('is the same request with the same words, and another one with others', async () => {
    const keys: string[] = []
    const request = async ({ headers }: HttpRequest) => {
      keys.push(headers['Idempotency-Key']!)
      throw new NetworkError('lost')
    }
    const api = new Api({ baseUrl: '', request })
    const send = (body: string) => api.post('/api/v1/candidate/thread', { body, pictures: [] }, { idempotencyKey: 'key' }).catch(() => undefined)
    for (const words of ['no camera', 'no camera', 'no camera and no sound']) await send(words)
    expect(keys[0]).toBe(keys[1])
    expect(keys[2]).not.toBe(keys[0])
    for (const key of keys) expect(key).toMatch(/^key-[\x21-\x7e]{3,40}$/)
  })
})
