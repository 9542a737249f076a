import 'fake-indexeddb/auto'
import { describe, expect, it, vi } from 'vitest'
import { SEALED_BYTES } from '@/core/chunks'
import { base64 } from '@/core/tus'
import { Uploads } from '@/core/uploads'
import { BrowserVault } from '@/platform/h5/vault'
import { segment, take } from './builders'
import { Server } from './server'

let worlds = 0

async function world(sizes: number[], confirmed = true) {
  const vault = new BrowserVault(`uploads-${(worlds += 1)}`)
  const server = new Server()
  await vault.putTake(take('local', { confirmed }))
  const recordings: Uint8Array[] = []
  for (const [number, size] of sizes.entries()) {
    const recording = Uint8Array.from({ length: size }, (_, at) => (at * 7 + number) % 253)
    recordings.push(recording)
    await vault.append(segment('local', number, size, { closed: true, startsAtMs: number * 5000, durationMs: 5000 }), recording.slice().buffer)
  }
  const waits: number[] = []
  const parts = {
    vault, baseUrl: '', scope: '', online: () => true, whenOnline: () => Promise.resolve(),
    exclusively: <T>(_: string, work: () => Promise<T>) => work(),
  }
  const begin = () => new Uploads(parts, () => server.api, async (ms) => void waits.push(ms))
  const arrived = () => server.uploads.every((one, at) => Buffer.compare(Buffer.from(one.bytes), Buffer.from(recordings[at]!)) === 0)
  return { vault, server, waits, begin, arrived }
}

describe('uploads', () => {
  it('bring every segment, hand in what was confirmed, and forget it here', async () => {
    const { vault, server, begin, arrived } = await world([3 * SEALED_BYTES + 17, 5])
    const handed: string[] = []
    const uploads = begin()
    uploads.onHandedIn((one) => handed.push(one.questionId))
    await uploads.run()
    expect(arrived()).toBe(true)
    const segments = [{ number: 0, starts_at_ms: 0 }, { number: 1, starts_at_ms: 5000 }]
    expect(server.submitted).toEqual([{ take: 'server-1', segments, left_page: [] }])
    expect(await vault.takes()).toEqual([])
    expect(handed).toEqual(['q1'])
    expect(uploads.pending('token').total).toBe(0)
  })

  it('tell when the page was out of sight while it was recorded', async () => {
    const { vault, server, begin } = await world([5])
    const leftPage = [{ start_ms: 1200, end_ms: 3400 }]
    await vault.updateTake('local', { leftPage })
    await begin().run()
    expect(server.submitted[0]!.left_page).toEqual(leftPage)
  })

  it('send while the candidate still looks at it, and hand in only what was confirmed', async () => {
    const { vault, server, begin, arrived } = await world([SEALED_BYTES + 1], false)
    const uploads = begin()
    await uploads.run()
    expect(arrived()).toBe(true)
    expect(server.submitted).toEqual([])
    await vault.updateTake('local', { confirmed: true })
    const patches = server.log.filter((one) => one.startsWith('PATCH')).length
    await uploads.run()
    expect(server.submitted).toHaveLength(1)
    expect(server.log.filter((one) => one.startsWith('PATCH'))).toHaveLength(patches) // nothing is sent twice
  })

  it('survive a connection that breaks at every single request, before or after it was done', async () => {
    const requests = 9
    for (let at = 0; at < requests; at += 1) {
      for (const done of [false, true]) {
        const { server, waits, begin, arrived } = await world([2 * SEALED_BYTES + 3])
        let seen = -1
        server.cut = (_, after) => {
          if (!after) seen += 1
          return seen === at && after === done
        }
        await begin().run()
        expect(arrived(), `request ${at}, ${done}`).toBe(true)
        expect(server.takes.size).toBe(1)
        expect(server.uploads).toHaveLength(1)
        expect(server.submitted.length).toBeGreaterThanOrEqual(1)
        expect(waits.length).toBeLessThanOrEqual(1)
      }
    }
  })

  it('go on after the page was killed, from where the server stands', async () => {
    const { server, begin, arrived } = await world([9 * SEALED_BYTES])
    const killed = new Error('the page is gone')
    let patches = 0
    server.cut = (request, after) => {
      if (request.headers['X-HTTP-Method-Override'] === 'PATCH' && !after && (patches += 1) > 2) throw killed
      return false
    }
    const first = begin()
    const stuck = first.run()
    await vi.waitFor(() => expect(patches).toBeGreaterThan(2), { timeout: 4000 })
    expect(server.uploads[0]!.offset).toBe(3 * SEALED_BYTES)
    server.cut = () => false
    await Promise.all([stuck, begin().run()])
    expect(arrived()).toBe(true)
    expect(server.uploads).toHaveLength(1)
  })

  it('wait for segments that are still being recorded', async () => {
    const { vault, server, begin } = await world([10])
    await vault.putSegment(segment('local', 1, 0, { closed: false }))
    await begin().run()
    expect(server.uploads[0]!.offset).toBe(10)
    expect(server.submitted).toEqual([])
  })

  it('tell what can never succeed and keep the recording; what the server closed is dropped', async () => {
    const refused = await world([10])
    refused.server.refuse = ({ url }) => (url.endsWith('/uploads') ? [415, 'recording_type_refused'] : null)
    const uploads = refused.begin()
    await uploads.run()
    expect(uploads.state.trouble?.code).toBe('recording_type_refused')
    expect(await refused.vault.takes()).toHaveLength(1)
    const closed = await world([10])
    closed.server.refuse = ({ url }) => (url.endsWith('/uploads') ? [409, 'take_closed'] : null)
    await closed.begin().run()
    expect(await closed.vault.takes()).toEqual([])
  })

  it('begin again when the server has forgotten an unfinished upload', async () => {
    const { server, begin, arrived } = await world([10])
    let forgotten = 1
    server.refuse = ({ headers }) => (headers['X-HTTP-Method-Override'] === 'HEAD' && forgotten-- > 0 ? [404, 'upload_unknown'] : null)
    await begin().run()
    expect(arrived()).toBe(true)
    expect(server.submitted).toHaveLength(1)
  })

  it('spell base64 as everybody does', () => {
    for (const words of ['', 'a', 'ab', 'abc', 'video/webm', 'take-0123456789']) expect(base64(words)).toBe(Buffer.from(words).toString('base64'))
  })
})
