import 'fake-indexeddb/auto'
import { describe, expect, it, vi } from 'vitest'
import { SEALED_BYTES } from '@/core/chunks'
import { base64 } from '@/core/tus'
import { Uploads } from '@/core/uploads'
import { BrowserVault } from '@/platform/h5/vault'
import { DeviceError } from '@/platform/types'
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
    expect(uploads.takesOf('token')[0]!.trouble?.code).toBe('recording_type_refused')
    expect(await refused.vault.takes()).toHaveLength(1)
  })

  it.each(['take_closed', 'take_unknown'])('begin a take anew that the server gave up or forgot (%s)', async (code) => {
    const { server, begin, arrived } = await world([10])
    let forgotten = 1
    server.refuse = ({ url }) => (url.endsWith('/uploads') && forgotten-- > 0 ? [409, code] : null)
    await begin().run()
    expect(arrived()).toBe(true)
    expect(server.takes.size).toBe(2)
    expect(server.submitted).toHaveLength(1)
  })

  it.each(['interview_finished', 'invitation_cancelled', 'invitation_declined', 'candidate_erased'])('remove what can never be used, and say so (%s)', async (code) => {
    const { vault, server, begin } = await world([10])
    server.refuse = () => [410, code]
    const uploads = begin()
    const told: string[] = []
    uploads.onUseless((one, why) => told.push(`${one.questionId} ${why}`))
    await uploads.run()
    expect(await vault.takes()).toEqual([])
    expect(told).toEqual([`q1 ${code}`])
  })

  it('keep what arrives after the window for thirty days, for HR may open it again', async () => {
    const { vault, server, begin } = await world([10])
    server.refuse = () => [410, 'invitation_expired']
    await vault.updateTake('local', { begunAt: Date.now() - 29 * 86_400_000 })
    const uploads = begin()
    await uploads.run()
    expect(uploads.takesOf('token')[0]!.trouble?.code).toBe('invitation_expired')
    await vault.updateTake('local', { begunAt: Date.now() - 31 * 86_400_000 })
    await uploads.run()
    expect(await vault.takes()).toEqual([])
  })

  it('let the candidate choose when another device answered first', async () => {
    const { vault, server, begin, arrived } = await world([10])
    server.refuse = ({ url, body }) => (url.endsWith('/takes') && !String(body).includes('instead') ? [409, 'answered_elsewhere'] : null)
    const uploads = begin()
    await uploads.run()
    const requests = server.log.length
    await uploads.run()
    expect(server.log.length).toBe(requests) // nobody asks again before the choice
    expect(uploads.takesOf('token')[0]!.elsewhere).toBe('answered')
    expect(uploads.pending('token').total).toBe(0)
    await uploads.useInstead('local')
    expect(arrived()).toBe(true)
    expect(server.submitted[0]).toMatchObject({ instead: true })
    expect(await vault.takes()).toEqual([])
  })

  it('say that the session is over, and go on after it was renewed', async () => {
    const { server, begin, arrived } = await world([10])
    let over = true
    server.refuse = () => (over ? [401, 'session_ended'] : null)
    const uploads = begin()
    await uploads.run()
    expect(uploads.state.ended).toEqual(['token'])
    over = false
    await uploads.run()
    expect(uploads.state.ended).toEqual([])
    expect(arrived()).toBe(true)
  })

  it('wait while the server is away for minutes, and lose nothing', async () => {
    const { server, waits, begin, arrived } = await world([2 * SEALED_BYTES])
    let away = 12
    server.refuse = () => (away-- > 0 ? [503, 'unavailable'] : null)
    await begin().run()
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(180_000)
    expect(Math.max(...waits)).toBe(30_000)
    expect(arrived()).toBe(true)
    expect(server.submitted).toHaveLength(1)
  })

  it('a file that cannot be read stops only its own take', async () => {
    const { vault, server, begin } = await world([10])
    await vault.putTake(take('zz', { confirmed: true, questionId: 'q2' }))
    await vault.append(segment('zz', 0, 4, { closed: true, durationMs: 5000 }), Uint8Array.from([1, 2, 3, 4]).buffer)
    const read = vault.read.bind(vault)
    vault.read = (one, offset, length) => (one.takeId === 'local' ? Promise.reject(new DeviceError('storage')) : read(one, offset, length))
    const uploads = begin()
    await uploads.run()
    expect(uploads.takesOf('token').map((one) => [one.questionId, one.trouble?.code])).toEqual([['q1', 'device_unreadable']])
    expect(server.submitted).toHaveLength(1)
    expect((await vault.takes()).map((one) => one.id)).toEqual(['local'])
  })

  it('a take that the server always fails at holds no other up, not even one recorded later', async () => {
    const { vault, server, waits, begin } = await world([10])
    const add = async (id: string, questionId: string) => {
      await vault.putTake(take(id, { confirmed: true, questionId }))
      await vault.append(segment(id, 0, 4, { closed: true, durationMs: 5000 }), Uint8Array.from([1, 2, 3, 4]).buffer)
    }
    await add('next', 'q2')
    let broken = true
    server.refuse = ({ url }) => (broken && url.includes('/answers/q1/takes') ? [500, 'unexpected'] : null)
    const uploads = begin()
    const handed: string[] = []
    uploads.onHandedIn((one) => handed.push(one.questionId))
    const running = uploads.run()
    await vi.waitFor(() => expect(handed).toEqual(['q2']))
    expect(uploads.state.waiting).toBe('away')
    await add('later', 'q3')
    await vi.waitFor(() => expect(handed).toEqual(['q2', 'q3']))
    expect((await vault.takes()).map((one) => one.id)).toEqual(['local'])
    broken = false
    await running
    expect(handed).toEqual(['q2', 'q3', 'q1'])
    expect(waits.length).toBeGreaterThan(0)
  })

  it('whoever asks again is not kept waiting', async () => {
    const { server, vault } = await world([10])
    let broken = true
    server.refuse = () => (broken ? [503, 'unavailable'] : null)
    const forever = () => new Promise<void>(() => {})
    const parts = { vault, baseUrl: '', scope: '', online: () => true, whenOnline: forever, exclusively: <T>(_: string, work: () => Promise<T>) => work() }
    const uploads = new Uploads(parts, () => server.api, forever)
    const running = uploads.run()
    await vi.waitFor(() => expect(uploads.state.waiting).toBe('away'))
    broken = false
    await uploads.run()
    await running
    expect(server.submitted).toHaveLength(1)
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
