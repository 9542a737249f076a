import 'fake-indexeddb/auto'
import { describe, expect, it, vi } from 'vitest'
import { BrowserVault } from '@/platform/h5/vault'
import { segment, take } from './builders'

const bytes = (from: number, count: number) => Uint8Array.from({ length: count }, (_, at) => (from + at) % 251).buffer

describe('the vault', () => {
  it('gives back any run of bytes over the parts they came in, also after it was opened again', async () => {
    const vault = new BrowserVault('parts')
    await vault.putTake(take('a'))
    let kept = segment('a', 0)
    for (const count of [10, 1, 25, 7]) {
      kept = { ...kept, bytes: kept.bytes + count }
      await vault.append(kept, bytes(kept.bytes - count, count))
    }
    const again = new BrowserVault('parts')
    const [found] = await again.segments('a')
    expect(found).toMatchObject({ bytes: 43, closed: false })
    for (const [offset, length] of [[0, 43], [9, 3], [11, 25], [40, 100]] as const) {
      const read = new Uint8Array(await again.read(found!, offset, length))
      expect(read).toEqual(new Uint8Array(bytes(offset, Math.min(length, 43 - offset))))
    }
  })

  it('keeps segments of a take apart and in order, and removes a take with all of it', async () => {
    const vault = new BrowserVault('takes')
    for (const id of ['b', 'a', 'ab']) {
      await vault.putTake(take(id))
      for (const number of [1, 0]) await vault.append(segment(id, number, 4), bytes(number, 4))
    }
    expect((await vault.takes()).map((one) => one.id)).toEqual(['a', 'ab', 'b'])
    expect((await vault.segments('a')).map((one) => one.number)).toEqual([0, 1])
    await vault.removeTake('a')
    expect((await vault.takes()).map((one) => one.id)).toEqual(['ab', 'b'])
    expect(await vault.segments('a')).toEqual([])
    const [left] = await vault.segments('ab')
    expect(new Uint8Array(await vault.read(left!, 0, 4))).toEqual(new Uint8Array(bytes(0, 4)))
  })

  it('changes a take in one go and never brings a removed one back', async () => {
    const vault = new BrowserVault('changes')
    await vault.putTake(take('a'))
    await Promise.all([vault.updateTake('a', { confirmed: true }), vault.updateTake('a', { serverId: 's' })])
    expect((await vault.takes())[0]).toMatchObject({ confirmed: true, serverId: 's' })
    await vault.removeTake('a')
    expect(await vault.updateTake('a', { confirmed: false })).toBeUndefined()
    expect(await vault.takes()).toEqual([])
  })

  it('remembers what does not fit until there is room, and never invents a removed take', async () => {
    const vault = new BrowserVault('full')
    await vault.putTake(take('a'))
    await vault.append(segment('a', 0, 4), bytes(0, 4))
    const put = IDBObjectStore.prototype.put
    const full = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, value) {
      const request = put.call(this, value)
      this.transaction.abort() // as a browser does that has no room
      return request
    })
    await vault.putSegment(segment('a', 0, 4, { closed: true }))
    await vault.putTake(take('b'))
    await vault.updateTake('b', { confirmed: true })
    expect((await vault.segments('a'))[0]).toMatchObject({ closed: true, bytes: 4 })
    expect((await vault.takes()).map((one) => [one.id, one.confirmed])).toEqual([['a', false], ['b', true]])
    await expect(vault.append(segment('a', 0, 8), bytes(4, 4))).rejects.toThrow()
    await vault.removeTake('b')
    expect((await vault.takes()).map((one) => one.id)).toEqual(['a'])
    full.mockRestore()
    await vault.putSegment(segment('a', 0, 4, { closed: true, offset: 2 }))
    expect((await new BrowserVault('full').segments('a'))[0]).toMatchObject({ closed: true, offset: 2 })
  })
})
