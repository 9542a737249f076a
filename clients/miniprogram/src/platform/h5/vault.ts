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

  constructor(private readonly name: string) {}

  async takes(): Promise<KeptTake[]> {
    const takes = await this.run<KeptTake[]>('takes', 'readonly', (store) => store.getAll())
    return takes.sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  putTake(take: KeptTake): Promise<void> {
    return this.run('takes', 'readwrite', (store) => store.put({ ...take }))
  }

  async updateTake(id: string, change: Partial<KeptTake>): Promise<KeptTake | undefined> {
    const database = await this.open()
    let changed: KeptTake | undefined
    await finished(database.transaction('takes', 'readwrite'), (transaction) => {
      const store = transaction.objectStore('takes')
      const found = store.get(id)
      found.onsuccess = () => {
        if (!found.result) return
        changed = { ...(found.result as KeptTake), ...change }
        store.put(changed)
      }
    })
    return changed
  }

  segments(takeId: string): Promise<KeptSegment[]> {
    return this.run('segments', 'readonly', (store) => store.getAll(within(takeId)))
  }

  putSegment(segment: KeptSegment): Promise<void> {
    return this.run('segments', 'readwrite', (store) => store.put({ ...segment }))
  }

  /** Add bytes to a segment that is being recorded: the bytes and the segment's new size together, or neither. */
  async append(segment: KeptSegment, bytes: ArrayBuffer): Promise<void> {
    const part: Part = { takeId: segment.takeId, number: segment.number, offset: segment.bytes - bytes.byteLength, bytes }
    const database = await this.open()
    await finished(database.transaction(['parts', 'segments'], 'readwrite'), (transaction) => {
      transaction.objectStore('parts').put(part)
      transaction.objectStore('segments').put({ ...segment })
    })
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
