import { reactive } from 'vue'
import type { Api } from '@/api/client'
import { DeviceError, NetworkError, type KeptSegment, type KeptTake, type Platform } from '@/platform/types'
import { backoffMs } from './chunks'
import { ApiProblem, troubleOf, type Trouble } from './problem'
import { upload } from './tus'

export interface Progress {
  sent: number
  total: number
}

export interface TakeState extends Progress {
  questionId: string
  token: string
  confirmed: boolean
  /** The candidate has to say what becomes of it: another device answered, or no attempt is left. */
  elsewhere: 'answered' | 'used_up' | null
  /** What stops it until somebody does something. */
  trouble: Trouble | null
}

export interface UploadState {
  /** Every take on this device that is not handed in. */
  takes: Record<string, TakeState>
  working: boolean
  /** No connection (`offline`), or the server is away: it goes on by itself. */
  waiting: 'offline' | 'away' | null
  /** Invitations whose session is over: uploads go on once the person has signed in again. */
  ended: string[]
}

type Parts = Pick<Platform, 'vault' | 'online' | 'whenOnline' | 'exclusively' | 'baseUrl' | 'scope'>

/** What can never succeed by trying again; the candidate must do something. */
const FINAL = new Set([400, 401, 403, 404, 409, 410, 413, 415, 422])
const PASSING = new Set(['try_again', 'upload_incomplete', 'upload_offset_mismatch', 'request_in_progress'])
/** Said by the server when a recording can never be used any more: it is removed here, and the candidate told. */
const USELESS = new Set(['interview_finished', 'invitation_cancelled', 'invitation_declined', 'invitation_unknown', 'candidate_erased'])
/** Another answer stands in the way, or no attempt is left: the candidate chooses. */
const ELSEWHERE: Record<string, 'answered' | 'used_up'> = { answered_elsewhere: 'answered', takes_used_up: 'used_up' }
/** The server has forgotten an unfinished upload, or gave up the take: it is begun again with what lies here. */
const UPLOAD_GONE = new Set(['upload_unknown', 'upload_expired', 'upload_terminated'])
const TAKE_GONE = new Set(['take_unknown', 'take_closed'])
const MOST_BEGINNINGS = 3
/** A file that cannot be read is tried this often before the others get their turn. */
const MOST_READINGS = 3
/** HR may open a window again; after this long a recording whose window ended is of no use to anybody (days). */
const KEPT_DAYS = 30

/**
 * Brings what was recorded to the server: takes in their order, segments in chunks, then hands in what the candidate
 * confirmed. Everything it knows lies in the vault, so a reload, a restart or a lost network only delays it.
 */
export class Uploads {
  readonly state = reactive<UploadState>({ takes: {}, working: false, waiting: null, ended: [] })
  private wanted = false
  /** Ends a wait before its time. */
  private wake = () => {}
  private readonly listeners = new Set<(take: KeptTake) => void>()
  private readonly mourners = new Set<(take: KeptTake, code: string) => void>()

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

  /** Called after a take was removed here because the server can never use it; `code` says why. */
  onUseless(listener: (take: KeptTake, code: string) => void): void {
    this.mourners.add(listener)
  }

  /** Look at the vault and send whatever is there; safe to call at any time. */
  async run(): Promise<void> {
    this.wanted = true
    this.wake()
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
    const mine = this.takesOf(token).filter((take) => !take.elsewhere)
    return { sent: mine.reduce((sum, one) => sum + one.sent, 0), total: mine.reduce((sum, one) => sum + one.total, 0) }
  }

  /** Everything that one invitation still has on this device, with its id. */
  takesOf(token: string): (TakeState & { id: string })[] {
    return Object.entries(this.state.takes).flatMap(([id, take]) => (take.token === token ? [{ ...take, id }] : []))
  }

  /** The candidate wants this take, although another device handed one in. */
  async useInstead(takeId: string): Promise<void> {
    await this.parts.vault.updateTake(takeId, { instead: true, confirmed: true, elsewhere: null })
    await this.run()
  }

  /** Turn after turn, until every take was brought or stopped, or somebody wants a new beginning. */
  private async round(): Promise<void> {
    this.state.ended = []
    const settled = new Set<string>()
    const failures = new Map<string, number>()
    for (let turns = 1; await this.turn(settled, failures); turns += 1) {
      if (this.wanted) return
      const online = this.parts.online()
      this.state.waiting = online ? 'away' : 'offline'
      const called = new Promise<void>((done) => (this.wake = done))
      await Promise.race([this.wait(backoffMs(turns)), called, ...(online ? [] : [this.parts.whenOnline()])])
      if (this.wanted) return
    }
  }

  /** Every take once, in their order; one that fails holds no other up. True when some are to be tried again. */
  private async turn(settled: Set<string>, failures: Map<string, number>): Promise<boolean> {
    let again = false
    for (const take of await this.parts.vault.takes()) {
      if (settled.has(take.id) || this.state.ended.includes(take.token)) continue
      if (await this.isWaitingForChoice(take)) continue
      if (!take.confirmed && this.isOld(take)) {
        await this.drop(take, 'invitation_expired')
        continue
      }
      try {
        await this.bring(take.id)
        this.state.waiting = null
        settled.add(take.id)
      } catch (error) {
        failures.set(take.id, (failures.get(take.id) ?? 0) + 1)
        if (await this.concludes(take, error, failures.get(take.id)!)) settled.add(take.id)
        else again = true
        if (again && error instanceof NetworkError) break // no other take has a line
      }
    }
    return again
  }

  private async isWaitingForChoice(take: KeptTake): Promise<boolean> {
    if (!take.elsewhere) return false
    this.show(take, await this.parts.vault.segments(take.id))
    return true
  }

  /** What an error means for a take: true when this round is done with it, false to try again in another turn. */
  private async concludes(take: KeptTake, error: unknown, tries: number): Promise<boolean> {
    if (error instanceof DeviceError) {
      if (tries >= MOST_READINGS) this.stopAt(take.id, new DeviceError('unreadable'))
      return tries >= MOST_READINGS
    }
    if (!(error instanceof ApiProblem) || !FINAL.has(error.status) || PASSING.has(error.code)) return false
    if (error.status === 401) this.state.ended = [...this.state.ended, take.token]
    else if (await this.beganAgain(take.id, error.code)) return false
    else if (USELESS.has(error.code) || (error.code === 'invitation_expired' && this.isOld(take))) {
      await this.drop(take, error.code)
    } else if (ELSEWHERE[error.code]) {
      const kept = await this.parts.vault.updateTake(take.id, { elsewhere: ELSEWHERE[error.code] })
      if (kept) this.show(kept, await this.parts.vault.segments(take.id))
    } else this.stopAt(take.id, error)
    return true
  }

  private async drop(take: KeptTake, code: string): Promise<void> {
    await this.forget(take.id)
    this.mourners.forEach((listener) => listener(take, code))
  }

  private stopAt(takeId: string, error: unknown): void {
    const shown = this.state.takes[takeId]
    if (shown) shown.trouble = troubleOf(error)
  }

  private isOld(take: KeptTake): boolean {
    return take.begunAt !== undefined && this.now() - take.begunAt > KEPT_DAYS * 86_400_000
  }

  private async beganAgain(takeId: string, code: string): Promise<boolean> {
    const take = await this.find(takeId)
    const begun = take?.begun ?? 0
    if (!take || begun >= MOST_BEGINNINGS || !(UPLOAD_GONE.has(code) || TAKE_GONE.has(code))) return false
    for (const segment of await this.parts.vault.segments(takeId)) {
      await this.parts.vault.putSegment({ ...segment, uploadUrl: null, offset: 0 })
    }
    await this.parts.vault.updateTake(takeId, { begun: begun + 1, ...(TAKE_GONE.has(code) ? { serverId: null } : {}) })
    return true
  }

  private async bring(takeId: string): Promise<void> {
    const take = await this.find(takeId)
    if (!take) return
    const segments = (await this.parts.vault.segments(take.id)).filter((segment) => segment.closed && segment.bytes > 0)
    if (!segments.length) return
    this.show(take, segments)
    const api = this.apiOf(take.token)
    if (take.serverId === null) {
      const begun = take.begunAt ? { begun_at: new Date(take.begunAt).toISOString() } : {}
      const body = { medium: take.medium, ...begun, ...(take.instead ? { instead: true } : {}) }
      // Another body, or another beginning, is another request.
      const idempotencyKey = `${take.id}${take.begun ? `-${take.begun}` : ''}${take.instead ? '-instead' : ''}`
      const options = { params: { question_id: take.questionId }, idempotencyKey }
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
        this.state.waiting = null
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
    const body = { segments: places, left_page: take.leftPage ?? [], ...(take.instead ? { instead: true } : {}) }
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
      elsewhere: take.elsewhere ?? null,
      trouble: null,
      sent: segments.reduce((sum, one) => sum + one.offset, 0),
      total: segments.reduce((sum, one) => sum + one.bytes, 0),
    }
  }
}
