import { reactive } from 'vue'
import type { Api } from '@/api/client'
import type { KeptSegment, KeptTake, Platform } from '@/platform/types'
import { backoffMs } from './chunks'
import { ApiProblem, troubleOf, type Trouble } from './problem'
import { upload } from './tus'

export interface Progress {
  sent: number
  total: number
}

export interface UploadState {
  /** Bytes of every take on this device that the server does not have yet. */
  takes: Record<string, Progress & { questionId: string; token: string; confirmed: boolean }>
  working: boolean
  /** No connection, or the server is away: it goes on by itself. */
  waiting: boolean
  trouble: Trouble | null
}

type Parts = Pick<Platform, 'vault' | 'online' | 'whenOnline' | 'exclusively' | 'baseUrl' | 'scope'>

/** What can never succeed by trying again; the candidate must do something. */
const FINAL = new Set([400, 403, 404, 409, 410, 413, 415, 422])
/** Said by the server about a take that is over: this copy is of no use any more. */
const OVER = new Set(['take_closed', 'take_unknown', 'interview_finished'])
/** The server has forgotten an unfinished upload: it is begun again. */
const BEGIN_AGAIN = new Set(['upload_unknown', 'upload_expired', 'upload_terminated'])
const MOST_BEGINNINGS = 3

/**
 * Brings what was recorded to the server: takes in their order, segments in chunks, then hands in what the candidate
 * confirmed. Everything it knows lies in the vault, so a reload, a restart or a lost network only delays it.
 */
export class Uploads {
  readonly state = reactive<UploadState>({ takes: {}, working: false, waiting: false, trouble: null })
  private wanted = false
  private readonly listeners = new Set<(take: KeptTake) => void>()

  constructor(
    private readonly parts: Parts,
    private readonly apiOf: (token: string) => Api,
    private readonly wait: (ms: number) => Promise<void> = (ms) => new Promise((done) => setTimeout(done, ms)),
    private readonly now: () => number = () => Date.now(),
  ) {}

  /** Called after a take was handed in. */
  onHandedIn(listener: (take: KeptTake) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Look at the vault and send whatever is there; safe to call at any time. */
  async run(): Promise<void> {
    this.wanted = true
    if (this.state.working) return
    this.state.working = true
    try {
      // Two open pages would fight over one upload: the second waits until the first has gone.
      await this.parts.exclusively('uploads', async () => {
        while (this.wanted) {
          this.wanted = false
          await this.round()
        }
      })
    } finally {
      this.state.working = false
      if (this.wanted) void this.run()
    }
  }

  /** Bytes still on this device only, of one invitation. */
  pending(token: string): Progress {
    const mine = Object.values(this.state.takes).filter((take) => take.token === token)
    return { sent: mine.reduce((sum, one) => sum + one.sent, 0), total: mine.reduce((sum, one) => sum + one.total, 0) }
  }

  private async round(): Promise<void> {
    for (const take of await this.parts.vault.takes()) {
      let tries = 0
      for (;;) {
        try {
          await this.bring(take)
          this.state.waiting = false
          break
        } catch (error) {
          if (await this.beganAgain(take.id, error, tries)) {
            tries += 1
            continue
          }
          if (this.isFinal(error)) {
            if (error instanceof ApiProblem && OVER.has(error.code)) await this.forget(take.id)
            else this.state.trouble = troubleOf(error)
            break
          }
          tries += 1
          this.state.waiting = true
          await Promise.race([this.wait(backoffMs(tries)), ...(this.parts.online() ? [] : [this.parts.whenOnline()])])
        }
      }
    }
  }

  private async beganAgain(takeId: string, error: unknown, tries: number): Promise<boolean> {
    if (!(error instanceof ApiProblem) || !BEGIN_AGAIN.has(error.code) || tries >= MOST_BEGINNINGS) return false
    for (const segment of await this.parts.vault.segments(takeId)) {
      await this.parts.vault.putSegment({ ...segment, uploadUrl: null, offset: 0 })
    }
    return true
  }

  private isFinal(error: unknown): boolean {
    if (!(error instanceof ApiProblem)) return false
    return (FINAL.has(error.status) && error.code !== 'try_again' && error.code !== 'upload_incomplete') || error.status === 401
  }

  private async bring(known: KeptTake): Promise<void> {
    const take = await this.find(known.id)
    if (!take) return
    const segments = (await this.parts.vault.segments(take.id)).filter((segment) => segment.closed && segment.bytes > 0)
    if (!segments.length) return
    this.show(take, segments)
    const api = this.apiOf(take.token)
    if (take.serverId === null) {
      const body = { medium: take.medium }
      const options = { params: { question_id: take.questionId }, idempotencyKey: take.id }
      take.serverId = (await api.post('/api/v1/candidate/answers/{question_id}/takes', body, options)).id
      if (!(await this.parts.vault.updateTake(take.id, { serverId: take.serverId }))) return
    }
    for (const segment of segments) {
      if (!(await this.send(api, take, segment, segments))) return
    }
    await this.handIn(api, take.id, segments)
  }

  private async send(api: Api, take: KeptTake, segment: KeptSegment, all: KeptSegment[]): Promise<boolean> {
    let alive = true
    const wire = {
      send: (method: string, path: string, headers: Record<string, string>, body?: ArrayBuffer) =>
        api.send(method, this.parts.baseUrl + path, headers, body),
    }
    return upload(wire, segment, take.serverId!, {
      read: (offset, length) => this.parts.vault.read(segment, offset, length),
      moved: async (moved) => {
        alive = (await this.find(take.id)) !== undefined
        if (!alive) return
        await this.parts.vault.putSegment(moved)
        this.state.trouble = null
        this.state.waiting = false
        this.show(take, all)
      },
      goesOn: () => alive,
      now: this.now,
    })
  }

  private async handIn(api: Api, takeId: string, segments: KeptSegment[]): Promise<void> {
    const take = await this.find(takeId)
    if (!take?.confirmed || !take.serverId) return
    const every = await this.parts.vault.segments(takeId)
    if (every.some((one) => !one.closed)) return // its end calls run() again
    if (every.filter((one) => one.bytes > 0).length > segments.length) {
      this.wanted = true // another segment was closed meanwhile
      return
    }
    const places = segments.map((one) => ({ number: one.number, starts_at_ms: Math.round(one.startsAtMs) }))
    const body = { segments: places, left_page: take.leftPage ?? [] }
    await api.post('/api/v1/candidate/takes/{take_id}/submit', body, { params: { take_id: take.serverId } })
    await this.forget(takeId)
    this.listeners.forEach((listener) => listener(take))
  }

  private async find(takeId: string): Promise<KeptTake | undefined> {
    return (await this.parts.vault.takes()).find((take) => take.id === takeId)
  }

  /** Throw a take away, here and in what is shown. */
  async forget(takeId: string): Promise<void> {
    await this.parts.vault.removeTake(takeId)
    delete this.state.takes[takeId]
  }

  private show(take: KeptTake, segments: KeptSegment[]): void {
    this.state.takes[take.id] = {
      questionId: take.questionId,
      token: take.token,
      confirmed: take.confirmed,
      sent: segments.reduce((sum, one) => sum + one.offset, 0),
      total: segments.reduce((sum, one) => sum + one.bytes, 0),
    }
  }
}
