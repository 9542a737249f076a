import { ApiProblem, worded } from '@/core/problem'
import { language } from '@/core/i18n'
import { learnMoment } from '@/core/moment'
import { NetworkError, type HttpResponse, type Platform } from '@/platform/types'
import type { components, paths } from './schema'

export type Schemas = components['schemas']
type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'
type PathsWith<M extends Method> = { [P in keyof paths]: paths[P][M] extends { responses: unknown } ? P : never }[keyof paths]
type Operation<P extends keyof paths, M extends Method> = paths[P][M]
type Json<T> = T extends { content: { 'application/json': infer B } } ? B : undefined
type Success<R> = R extends { 200: infer A } ? Json<A> : R extends { 201: infer A } ? Json<A> : undefined
export type Answer<P extends keyof paths, M extends Method> =
  Operation<P, M> extends { responses: infer R } ? Success<R> : never
export type Body<P extends keyof paths, M extends Method> =
  Operation<P, M> extends { requestBody?: infer B } ? Json<NonNullable<B>> : undefined

export interface Credentials {
  /** The token to send now. */
  access(): string | null
  /** Exchange one that was refused for a fresh one; false when the session is over. */
  renew(refused: string): Promise<boolean>
  /** Sent with every request. */
  headers?(): Record<string, string>
}

export interface CallOptions {
  params?: Record<string, string>
  query?: Record<string, string>
  idempotencyKey?: string
  cookies?: boolean
}

/** The access token is over or cannot be read; the session behind it may live. */
const RENEWABLE = new Set(['token_expired', 'not_authenticated'])

/** Typed JSON calls with one credential, which is renewed once when it has expired. */
export class Api {
  constructor(private readonly platform: Pick<Platform, 'request' | 'baseUrl'>, private readonly credentials?: Credentials) {}

  get<P extends PathsWith<'get'>>(path: P, options: CallOptions = {}): Promise<Answer<P, 'get'>> {
    return this.call('GET', path, undefined, options)
  }

  post<P extends PathsWith<'post'>>(path: P, body?: Body<P, 'post'>, options: CallOptions = {}): Promise<Answer<P, 'post'>> {
    return this.call('POST', path, body ?? {}, options)
  }

  put<P extends PathsWith<'put'>>(path: P, body?: Body<P, 'put'>, options: CallOptions = {}): Promise<Answer<P, 'put'>> {
    return this.call('PUT', path, body ?? {}, options)
  }

  /** As a POST that names its method, because WeChat's `wx.request` knows no PATCH. */
  patch<P extends PathsWith<'patch'>>(path: P, body: Body<P, 'patch'>, options: CallOptions = {}): Promise<Answer<P, 'patch'>> {
    return this.call('PATCH', path, body, options)
  }

  delete<P extends PathsWith<'delete'>>(path: P, options: CallOptions = {}): Promise<Answer<P, 'delete'>> {
    return this.call('DELETE', path, undefined, options)
  }

  /** One request with the credential; anything but a problem is returned as it came. */
  async send(method: string, url: string, headers: Record<string, string>, body?: string | ArrayBuffer, cookies = false): Promise<HttpResponse> {
    let token = this.credentials?.access()
    const once = async () => {
      token = this.credentials?.access()
      const known = token ? { Authorization: `Bearer ${token}` } : undefined
      const asked = { 'Accept-Language': language(), ...this.credentials?.headers?.(), ...known, ...headers }
      const sentAt = Date.now()
      const response = await this.platform.request({ method, url, headers: asked, body, cookies })
      learnMoment(response.headers.date, sentAt, Date.now())
      return response
    }
    let response = await once()
    if (response.status === 401 && token && RENEWABLE.has(problemOf(response).code) && (await this.credentials?.renew(token))) {
      response = await once()
    }
    if (response.status >= 400) throw problemOf(response)
    return response
  }

  /** Send a file of the device as `file` of a form, beside what else the form says; what the server answers. */
  async upload<T>(path: string, filePath: string, options: Pick<CallOptions, 'params'> & { form?: Record<string, string> } = {}): Promise<T> {
    const url = this.platform.baseUrl + filledIn(path, options)
    let token = this.credentials?.access()
    const once = () => {
      token = this.credentials?.access()
      const header = { 'Accept-Language': language(), ...(token ? { Authorization: `Bearer ${token}` } : {}) }
      return sentFile(url, filePath, header, options.form)
    }
    let response = await once()
    if (response.status === 401 && token && RENEWABLE.has(problemOf(response).code) && (await this.credentials?.renew(token))) response = await once()
    if (response.status >= 400) throw problemOf(response)
    return JSON.parse(response.body) as T
  }

  private async call<T>(method: string, path: string, body: unknown, options: CallOptions): Promise<T> {
    const filled = filledIn(path, options)
    const query = Object.entries(options.query ?? {}).map((pair) => pair.map(encodeURIComponent).join('=')).join('&')
    const headers: Record<string, string> = { Accept: 'application/json' }
    const sent = body === undefined ? undefined : JSON.stringify(body)
    if (sent !== undefined) headers['Content-Type'] = 'application/json'
    if (options.idempotencyKey) headers['Idempotency-Key'] = keyOf(options.idempotencyKey, sent ?? '')
    if (method === 'PATCH') headers['X-HTTP-Method-Override'] = method
    const url = this.platform.baseUrl + filled + (query && `?${query}`)
    const response = await this.send(method === 'PATCH' ? 'POST' : method, url, headers, sent, options.cookies)
    return (response.body ? JSON.parse(response.body) : undefined) as T
  }
}

/** The same words are the same request; others, chosen after an answer got lost on its way, are another one. */
function keyOf(key: string, sent: string): string {
  let hash = 5381
  for (const letter of sent) hash = (hash * 33 + letter.codePointAt(0)!) >>> 0
  return `${key}-${hash.toString(36)}-${sent.length}`
}

function filledIn(path: string, options: Pick<CallOptions, 'params'>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(options.params?.[name] ?? ''))
}

function sentFile(url: string, filePath: string, header: Record<string, string>, formData?: Record<string, string>): Promise<HttpResponse> {
  return new Promise((done, fail) => {
    uni.uploadFile({
      url,
      filePath,
      name: 'file',
      header,
      formData,
      success: ({ statusCode, data }) => done({ status: statusCode, headers: {}, body: data }),
      fail: ({ errMsg }) => fail(new NetworkError(errMsg)),
    })
  })
}

function problemOf(response: HttpResponse): ApiProblem {
  try {
    const { code, title, detail, next, ...extra } = JSON.parse(response.body) as Record<string, string>
    if (code && title) return new ApiProblem(response.status, code, title, detail ?? '', next ?? '', extra)
  } catch {
    // a proxy's page, or a HEAD without a body
  }
  const known = worded(response.status === 429 ? 'too_many' : response.status >= 500 ? 'server' : 'unexpected')
  return new ApiProblem(response.status, `http_${response.status}`, known.title, known.detail, known.next)
}
