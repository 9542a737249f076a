import { describe, expect, it } from 'vitest'
import { backoffMs, nextChunk, nextSize, SEALED_BYTES } from '@/core/chunks'

describe('chunks', () => {
  it('end on whole sealed chunks or at the end, and always advance', () => {
    for (const length of [1, SEALED_BYTES - 1, SEALED_BYTES, SEALED_BYTES + 1, 7 * SEALED_BYTES + 13]) {
      for (const size of [1, SEALED_BYTES, 3 * SEALED_BYTES + 5, 16 * SEALED_BYTES]) {
        let offset = 0
        let requests = 0
        while (offset < length) {
          const end = nextChunk(offset, length, size)
          expect(end).toBeGreaterThan(offset)
          expect(end === length || end % SEALED_BYTES === 0).toBe(true)
          offset = end
          requests += 1
        }
        expect(offset).toBe(length)
        expect(requests).toBeLessThanOrEqual(Math.ceil(length / SEALED_BYTES))
      }
    }
  })

  it('grow while it goes quickly, shrink when it is slow, within bounds', () => {
    let size = SEALED_BYTES
    for (let at = 0; at < 10; at += 1) size = nextSize(size, 100)
    expect(size).toBe(16 * SEALED_BYTES)
    expect(nextSize(size, 3000)).toBe(size)
    for (let at = 0; at < 10; at += 1) size = nextSize(size, 20_000)
    expect(size).toBe(SEALED_BYTES)
  })

  it('waits longer each time, at most half a minute', () => {
    expect([1, 2, 3, 4, 5, 6, 20].map(backoffMs)).toEqual([1000, 2000, 4000, 8000, 16000, 30000, 30000])
  })
})
