import { Api } from '@/api/client'
import { SEALED_BYTES } from '@/core/chunks'
import { NetworkError, type HttpRequest, type HttpResponse } from '@/platform/types'

interface Upload {
  take: string
  number: number
  startsAtMs: number
  bytes: Uint8Array
  offset: number
}

/** A server that keeps uploads as ours does: whole chunks and the end, the offset is the truth. `cut` breaks connections. */
export class Server {
  readonly uploads: Upload[] = []
  readonly takes = new Map<string, string>()
  readonly submitted: { take: string; segments: unknown; left_page: unknown; instead?: boolean }[] = []
  readonly log: string[] = []
  /** Called before (`before`) or after a request was done: `true` loses the answer. */
  cut: (request: HttpRequest, done: boolean) => boolean = () => false
  refuse: (request: HttpRequest) => [number, string] | null = () => null

  readonly api = new Api({ baseUrl: '', request: (request) => this.request(request) })

  async request(request: HttpRequest): Promise<HttpResponse> {
    this.log.push(`${request.headers['X-HTTP-Method-Override'] ?? request.method} ${request.url}`)
    if (this.cut(request, false)) throw new NetworkError('cut before')
    const refused = this.refuse(request)
    const answer = refused ? problem(...refused) : this.perform(request)
    if (this.cut(request, true)) throw new NetworkError('cut after')
    return answer
  }

  private perform(request: HttpRequest): HttpResponse {
    const { url, headers } = request
    if (url.endsWith('/takes')) {
      const key = headers['Idempotency-Key']!
      if (!this.takes.has(key)) this.takes.set(key, `server-${this.takes.size + 1}`)
      return answer(201, {}, { id: this.takes.get(key) })
    }
    if (url.endsWith('/submit')) {
      const id = url.split('/').at(-2)!
      const parts = this.uploads.filter((one) => one.take === id)
      if (!parts.length || parts.some((one) => one.offset < one.bytes.length)) return problem(409, 'upload_incomplete')
      this.submitted.push({ take: id, ...JSON.parse(request.body as string) })
      return answer(200, {}, { id })
    }
    if (url === '/api/v1/uploads') return this.create(headers)
    const upload = this.uploads[Number(url.split('/').at(-1))]!
    if (headers['X-HTTP-Method-Override'] === 'PATCH') return this.patch(upload, headers, new Uint8Array(request.body as ArrayBuffer))
    return answer(200, { 'upload-offset': String(upload.offset) })
  }

  private create(headers: Record<string, string>): HttpResponse {
    const pairs = headers['Upload-Metadata']!.split(',').map((pair) => pair.split(' ') as [string, string])
    const metadata = Object.fromEntries(pairs.map(([name, value]) => [name, Buffer.from(value, 'base64').toString()]))
    const same = this.uploads.findIndex((one) => one.take === metadata.take_id && one.number === Number(metadata.number))
    if (same < 0) {
      const bytes = new Uint8Array(Number(headers['Upload-Length']))
      this.uploads.push({ take: metadata.take_id!, number: Number(metadata.number), startsAtMs: Number(metadata.starts_at_ms), bytes, offset: 0 })
    }
    return answer(201, { location: `/api/v1/uploads/${same < 0 ? this.uploads.length - 1 : same}` })
  }

  private patch(upload: Upload, headers: Record<string, string>, body: Uint8Array): HttpResponse {
    if (Number(headers['Upload-Offset']) !== upload.offset) return problem(409, 'upload_offset_mismatch')
    const end = upload.offset + body.length
    const kept = end === upload.bytes.length ? end : Math.floor(end / SEALED_BYTES) * SEALED_BYTES
    if (kept <= upload.offset) return problem(400, 'upload_chunk_too_small')
    upload.bytes.set(body.subarray(0, kept - upload.offset), upload.offset)
    upload.offset = kept
    return answer(204, { 'upload-offset': String(kept) })
  }
}

function answer(status: number, headers: Record<string, string>, body?: unknown): HttpResponse {
  return { status, headers, body: body === undefined ? '' : JSON.stringify(body) }
}

function problem(status: number, code: string): HttpResponse {
  return answer(status, {}, { status, code, title: code, detail: '', next: '' })
}
