import { ApiProblem } from './problem'
import { nextChunk, nextSize, SEALED_BYTES } from './chunks'
import type { HttpResponse, KeptSegment } from '@/platform/types'

/** tus 1.0 by POST and X-HTTP-Method-Override, because WeChat's `wx.request` knows no PATCH. One way on every platform. */
const VERSION = { 'Tus-Resumable': '1.0.0' }
const UPLOADS = '/api/v1/uploads'

export interface Wire {
  send(method: string, path: string, headers: Record<string, string>, body?: ArrayBuffer): Promise<HttpResponse>
}

export interface Source {
  read(offset: number, length: number): Promise<ArrayBuffer>
  /** Called with every new offset; it is kept before the next request leaves. */
  moved(segment: KeptSegment): Promise<void>
  /** False stops between two requests (paused, or the take was thrown away). */
  goesOn(): boolean
  now(): number
}

/** Where the server keeps the segment; asking again for the same one gives the same place. */
async function create(wire: Wire, segment: KeptSegment, serverTakeId: string): Promise<string> {
  const metadata: Record<string, string> = {
    take_id: serverTakeId,
    number: String(segment.number),
    starts_at_ms: String(Math.round(segment.startsAtMs)),
    filetype: segment.type,
  }
  const encoded = Object.entries(metadata).map(([name, value]) => `${name} ${base64(value)}`).join(',')
  const headers = { ...VERSION, 'Upload-Length': String(segment.bytes), 'Upload-Metadata': encoded }
  const response = await wire.send('POST', UPLOADS, headers)
  const location = response.headers.location
  if (!location) throw new Error('the server named no upload')
  return location.replace(/^https?:\/\/[^/]+/, '')
}

async function ask(wire: Wire, url: string): Promise<number> {
  const response = await wire.send('POST', url, { ...VERSION, 'X-HTTP-Method-Override': 'HEAD' })
  return offsetOf(response)
}

/**
 * Send what the server does not have yet; true when it has everything. Errors leave the segment where it stands: calling
 * again asks the server first and goes on there.
 */
export async function upload(wire: Wire, segment: KeptSegment, serverTakeId: string, source: Source): Promise<boolean> {
  if (segment.uploadUrl === null) {
    segment.uploadUrl = await create(wire, segment, serverTakeId)
    await source.moved(segment)
  }
  segment.offset = await ask(wire, segment.uploadUrl)
  await source.moved(segment)
  let size = SEALED_BYTES
  while (segment.offset < segment.bytes) {
    if (!source.goesOn()) return false
    const end = nextChunk(segment.offset, segment.bytes, size)
    const body = await source.read(segment.offset, end - segment.offset)
    const began = source.now()
    segment.offset = await patch(wire, segment.uploadUrl, segment.offset, body)
    size = nextSize(size, source.now() - began)
    await source.moved(segment)
  }
  return true
}

async function patch(wire: Wire, url: string, offset: number, body: ArrayBuffer): Promise<number> {
  const headers = {
    ...VERSION,
    'X-HTTP-Method-Override': 'PATCH',
    'Content-Type': 'application/offset+octet-stream',
    'Upload-Offset': String(offset),
  }
  try {
    return offsetOf(await wire.send('POST', url, headers, body))
  } catch (error) {
    // Another request of ours arrived after all: the server says where it stands.
    if (error instanceof ApiProblem && error.code === 'upload_offset_mismatch') return ask(wire, url)
    throw error
  }
}

function offsetOf(response: HttpResponse): number {
  const offset = Number(response.headers['upload-offset'])
  if (!Number.isInteger(offset) || offset < 0) throw new Error('the server named no offset')
  return offset
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Base64 of ASCII; WeChat has no `btoa`. */
export function base64(ascii: string): string {
  let encoded = ''
  for (let at = 0; at < ascii.length; at += 3) {
    const codes = [0, 1, 2].map((next) => ascii.charCodeAt(at + next))
    const [a = 0, b = NaN, c = NaN] = codes
    const bits = (a << 16) | ((b || 0) << 8) | (c || 0)
    const digits = [18, 12, 6, 0].map((shift) => ALPHABET[(bits >> shift) & 63])
    encoded += digits[0]! + digits[1]! + (Number.isNaN(b) ? '=' : digits[2]!) + (Number.isNaN(c) ? '=' : digits[3]!)
  }
  return encoded
}
