/** The server advances by whole sealed chunks of this size, and by the end (tus, docs/adr/0003). */
export const SEALED_BYTES = 256 * 1024
const SMALLEST = SEALED_BYTES
const LARGEST = 16 * SEALED_BYTES
const QUICK_MS = 1500
const SLOW_MS = 8000

/** Bytes `offset`..`end` of the next request: whole chunks of about `size`, or to the end. */
export function nextChunk(offset: number, length: number, size: number): number {
  const whole = Math.max(SEALED_BYTES, Math.floor(size / SEALED_BYTES) * SEALED_BYTES)
  return Math.min(length, offset + whole)
}

/** A request that went quickly lets the next one be twice as large, a slow one half: a cut never costs much. */
export function nextSize(size: number, tookMs: number): number {
  if (tookMs < QUICK_MS) return Math.min(LARGEST, size * 2)
  if (tookMs > SLOW_MS) return Math.max(SMALLEST, size / 2)
  return size
}

/** Milliseconds to wait before try number `tries` (1, 2, ...): 1, 2, 4 ... 30 seconds. */
export function backoffMs(tries: number): number {
  return Math.min(30_000, 1000 * 2 ** (tries - 1))
}
