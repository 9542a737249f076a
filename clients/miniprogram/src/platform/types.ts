/** What differs between a browser, WeChat and the sandbox. Everything else of the client is written once. */

/** One take as this device keeps it until the server has all of it. `id` is ours; `serverId` the server's. */
export interface KeptTake {
  id: string
  token: string
  questionId: string
  medium: 'video' | 'voice'
  serverId: string | null
  /** The candidate chose it as the answer: it is handed in once every segment has arrived. */
  confirmed: boolean
  /** When it was begun, by the server's clock (milliseconds). */
  begunAt?: number
  /** The server has another answer or allows no more: kept until the candidate says what is to become of it. */
  elsewhere?: 'answered' | 'used_up' | null
  /** It is to replace what another device handed in. */
  instead?: boolean
  /** How often the server forgot the take: each time it is created anew. */
  begun?: number
  /** When the page was out of sight while it was recorded: people read it beside the answer, it is never scored. */
  leftPage?: { start_ms: number; end_ms: number }[]
}

/** One run of the recorder. Times in milliseconds on the take's timeline, sizes in bytes. */
export interface KeptSegment {
  takeId: string
  number: number
  startsAtMs: number
  durationMs: number
  type: string
  bytes: number
  /** False while it is being recorded; a segment found open after a restart holds what was kept until then. */
  closed: boolean
  uploadUrl: string | null
  offset: number
  /** Where the file lies, on platforms that have files. */
  path: string | null
}

/** Recordings and their state, kept over reloads and restarts until the server has them. */
export interface Vault {
  takes(): Promise<KeptTake[]>
  putTake(take: KeptTake): Promise<void>
  /** Change some members in one go; undefined when the take was thrown away meanwhile. */
  updateTake(id: string, change: Partial<KeptTake>): Promise<KeptTake | undefined>
  segments(takeId: string): Promise<KeptSegment[]>
  putSegment(segment: KeptSegment): Promise<void>
  /** Bytes `offset`..`offset + length` of a segment. */
  read(segment: KeptSegment, offset: number, length: number): Promise<ArrayBuffer>
  /** Something a player can open. */
  playable(segment: KeptSegment): Promise<string>
  /** Forget a take with its segments and bytes. */
  removeTake(takeId: string): Promise<void>
}

/** Bytes: `kept` of recordings, `free` for more, `limit` of the platform where it has one. */
export interface Room {
  kept: number
  free: number
  limit: number | null
}

export type DeviceFault = 'refused' | 'missing' | 'busy' | 'insecure' | 'unsupported' | 'storage' | 'unreadable' | 'short' | 'privacy' | 'failed'

/** The camera or microphone did not do what was asked; `fault` has words in every language. */
export class DeviceError extends Error {
  constructor(readonly fault: DeviceFault, detail = '') {
    super(`${fault} ${detail}`.trim())
  }
}

export interface Recorder {
  /** Ask for the devices. The picture appears in the CameraView of the page. Throws DeviceError. */
  open(medium: 'video' | 'voice'): Promise<void>
  /** 0..1, or null where the platform gives none. */
  level(): number | null
  /** Record into a segment of the vault. `ended` is called when the platform stops by itself. Throws DeviceError. */
  start(segment: KeptSegment, ended: () => void): Promise<void>
  /** Stop, with everything recorded in the vault. */
  stop(): Promise<KeptSegment>
  close(): void
}

export interface HttpRequest {
  method: string
  url: string
  headers: Record<string, string>
  body?: string | ArrayBuffer
  /** Take and send the product's own cookies: on the way to WeChat and back, and nowhere else. */
  cookies?: boolean
}

export interface HttpResponse {
  status: number
  /** Lower-case names. */
  headers: Record<string, string>
  body: string
}

/** No answer came. */
export class NetworkError extends Error {}

/** A file of the person's own; `size` in bytes. */
export interface ChosenFile {
  path: string
  name: string
  size: number
}

export type SubscribeAnswer = 'accept' | 'reject' | 'ban' | 'filter'

export interface Platform {
  name: 'h5' | 'mp-weixin' | 'sandbox'
  /** Before every address of the product. */
  baseUrl: string
  /** Keeps people apart who share a browser (the sandbox's phones). */
  scope: string
  /** True while the small sample models serve: every page says so. */
  sample: boolean
  request(request: HttpRequest): Promise<HttpResponse>
  /** In WeChat's own browser: go where WeChat says who is here, and come back. Null everywhere else. */
  leaveTo: ((address: string) => void) | null
  /** The mini-program this runs in; null where there is no WeChat. */
  appId(): Promise<string | null>
  /** What `wx.login` gives for a mini-program; null where there is no WeChat. */
  login(appId: string): Promise<string | null>
  /** What `wx.requestSubscribeMessage` gives; null where there is no WeChat. Only from a tap. */
  subscribe(appId: string, templateIds: string[]): Promise<Record<string, SubscribeAnswer> | null>
  /** Give the person a file: a download, or WeChat's way of sending one. */
  saveFile(name: string, text: string): Promise<void>
  /** One file with one of these endings; null when none was chosen. Only from a tap. */
  chooseFile(endings: string[]): Promise<ChosenFile | null>
  /** Save or show a file whose address needs no header. */
  openFile(address: string, name: string, ending?: 'pdf' | 'docx'): Promise<void>
  /** What room recordings have on this device. */
  room(): Promise<Room>
  /** A clock that nobody can set (milliseconds since some moment). */
  elapsed(): number
  /** How large the person wants letters on this device; 1 is usual. */
  textScale(): number
  /** Show the privacy notice that the person is asked to agree to. */
  openPrivacyNotice(): void
  vault: Vault
  recorder: Recorder
  /** Whether bytes may be sent now, and a wait for the moment when they may. */
  online(): boolean
  whenOnline(): Promise<void>
  /** `hidden` when the page goes to the background, `shown` when it returns. */
  onVisibility(hidden: () => void, shown: () => void): void
  /** Only one of several open pages runs `work` at a time. */
  exclusively<T>(name: string, work: () => Promise<T>): Promise<T>
}
