import { DeviceError, type KeptSegment, type KeptTake, type Vault } from '../types'

/** A run of bytes of a segment, as the recorder gave them. */
interface Part {
  takeId: string
  number: number
  offset: number
  bytes: ArrayBuffer
}

/** Takes, segments and their bytes in IndexedDB: what was recorded survives a reload and a killed browser. */
export class BrowserVault implements Vault {
  private opening: Promise<IDBDatabase> | null = null
  /** What did not fit any more: remembered until the page is closed, so that uploading can make room. */
  private readonly unsaved = new Map<string, KeptTake | KeptSegment>()

  constructor(private readonly name: string) {}

  async takes(): Promise<KeptTake[]> {
    const takes = await this.run<KeptTake[]>('takes', 'readonly', (store) => store.getAll())
    const kept = new Map(takes.map((take) => [take.id, take]))
    for (const one of this.unsaved.values()) if (!('takeId' in one)) kept.set(one.id, one)
    return [...kept.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  putTake(take: KeptTake): Promise<void> {
    return this.write('takes', take.id, { ...take })
  }

  async updateTake(id: string, change: Partial<KeptTake>): Promise<KeptTake | undefined> {
    const database = await this.open()
    const unsaved = this.unsaved.get(id) as KeptTake | undefined
    let changed: KeptTake | undefined
    const work = finished(database.transaction('takes', 'readwrite'), (transaction) => {
      const store = transaction.objectStore('takes')
      const found = store.get(id)
      found.onsuccess = () => {
        const known = unsaved ?? (found.result as KeptTake | undefined)
        if (!known) return
        changed = { ...known, ...change }
        store.put(changed)
      }
    })
    await this.remembering(id, work, () => changed)
    return changed
  }

  async segments(takeId: string): Promise<KeptSegment[]> {
    const segments = await this.run<KeptSegment[]>('segments', 'readonly', (store) => store.getAll(within(takeId)))
    const kept = new Map(segments.map((segment) => [segment.number, segment]))
    for (const one of this.unsaved.values()) if ('takeId' in one && one.takeId === takeId) kept.set(one.number, one)
    return [...kept.values()].sort((a, b) => a.number - b.number)
  }

  putSegment(segment: KeptSegment): Promise<void> {
    return this.write('segments', `${segment.takeId}/${segment.number}`, { ...segment })
  }

  private write(store: string, key: string, value: KeptTake | KeptSegment): Promise<void> {
    const work = this.run<void>(store, 'readwrite', (place) => place.put(value))
    return this.remembering(key, work, () => value)
  }

  private async remembering(key: string, work: Promise<void>, value: () => KeptTake | KeptSegment | undefined): Promise<void> {
    try {
      await work
      this.unsaved.delete(key)
    } catch (error) {
      const left = value()
      if (left) this.unsaved.set(key, left)
      else throw error
    }
  }

  /** Add bytes to a segment that is being recorded: the bytes and the segment's new size together, or neither. */
  async append(segment: KeptSegment, bytes: ArrayBuffer): Promise<void> {
    const part: Part = { takeId: segment.takeId, number: segment.number, offset: segment.bytes - bytes.byteLength, bytes }
    const database = await this.open()
    await finished(database.transaction(['parts', 'segments'], 'readwrite'), (transaction) => {
      transaction.objectStore('parts').put(part)
      transaction.objectStore('segments').put({ ...segment })
    })
    this.unsaved.delete(`${segment.takeId}/${segment.number}`)
  }

  async read(segment: KeptSegment, offset: number, length: number): Promise<ArrayBuffer> {
    const parts = await this.run<Part[]>('parts', 'readonly', (store) => store.getAll(within(segment.takeId, segment.number)))
    const found = new Uint8Array(Math.min(length, segment.bytes - offset))
    for (const part of parts) {
      const begin = Math.max(offset, part.offset)
      const end = Math.min(offset + found.length, part.offset + part.bytes.byteLength)
      if (begin < end) found.set(new Uint8Array(part.bytes, begin - part.offset, end - begin), begin - offset)
    }
    return found.buffer
  }

  async playable(segment: KeptSegment): Promise<string> {
    const parts = await this.run<Part[]>('parts', 'readonly', (store) => store.getAll(within(segment.takeId, segment.number)))
    return URL.createObjectURL(new Blob(parts.map((part) => part.bytes), { type: segment.type }))
  }

  async removeTake(takeId: string): Promise<void> {
    const database = await this.open()
    for (const key of [...this.unsaved.keys()]) if (key === takeId || key.startsWith(`${takeId}/`)) this.unsaved.delete(key)
    await finished(database.transaction(['takes', 'segments', 'parts'], 'readwrite'), (transaction) => {
      transaction.objectStore('takes').delete(takeId)
      transaction.objectStore('segments').delete(within(takeId))
      transaction.objectStore('parts').delete(within(takeId))
    })
  }

  private open(): Promise<IDBDatabase> {
    this.opening ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(this.name, 1)
      request.onupgradeneeded = () => {
        request.result.createObjectStore('takes', { keyPath: 'id' })
        request.result.createObjectStore('segments', { keyPath: ['takeId', 'number'] })
        request.result.createObjectStore('parts', { keyPath: ['takeId', 'number', 'offset'] })
      }
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(new DeviceError('storage', String(request.error)))
    })
    return this.opening
  }

  private async run<T>(store: string, mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest): Promise<T> {
    const database = await this.open()
    let request: IDBRequest | undefined
    await finished(database.transaction(store, mode), (transaction) => {
      request = ask(transaction.objectStore(store))
    })
    return request!.result as T
  }
}

/** Keys of a take, or of one segment of it: an array sorts after every number and string. */
function within(takeId: string, number?: number): IDBKeyRange {
  const key = number === undefined ? [takeId] : [takeId, number]
  return IDBKeyRange.bound(key, [...key, []])
}

function finished(transaction: IDBTransaction, work: (transaction: IDBTransaction) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(new DeviceError('storage', String(transaction.error)))
    work(transaction)
  })
}
