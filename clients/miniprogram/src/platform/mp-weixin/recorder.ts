import { DeviceError, type KeptSegment, type Recorder } from '../types'
import type { WeChatVault } from './vault'

/** WeChat's camera stops reporting beyond two minutes: longer answers become consecutive segments. */
export const LONGEST_SEGMENT_MS = 120_000

interface Run {
  segment: KeptSegment
  began: number
  ended: () => void
  /** The file of a recording that WeChat ended by itself. */
  early?: string | null
}

/** CameraContext for video, RecorderManager for voice. The camera gives no file before it stops. */
export class WeChatRecorder implements Recorder {
  private readonly voice = wx.getRecorderManager()
  private readonly results: ((path: string | null) => void)[] = []
  private medium: 'video' | 'voice' = 'video'
  private camera: WechatMiniprogram.CameraContext | null = null
  private run: Run | null = null
  private timer = 0
  private loudness: number | null = null

  constructor(private readonly vault: WeChatVault) {
    this.voice.onStop(({ tempFilePath }) => this.finish(tempFilePath))
    this.voice.onError(() => this.finish(null))
    this.voice.onFrameRecorded(({ frameBuffer }) => (this.loudness = loudnessOf(frameBuffer)))
  }

  async open(medium: 'video' | 'voice'): Promise<void> {
    await authorised(medium === 'video' ? ['scope.camera', 'scope.record'] : ['scope.record'])
    this.medium = medium
    this.camera = medium === 'video' ? wx.createCameraContext() : null
  }

  level(): number | null {
    return this.medium === 'voice' ? this.loudness : null
  }

  async start(segment: KeptSegment, ended: () => void): Promise<void> {
    const type = this.medium === 'video' ? 'video/mp4' : 'audio/aac'
    this.run = { segment: { ...segment, type }, began: Date.now(), ended }
    await this.vault.putSegment(this.run.segment)
    if (this.medium === 'voice') {
      this.voice.start({ duration: 600_000, format: 'aac', sampleRate: 16000, numberOfChannels: 1, encodeBitRate: 48000 })
    } else {
      await new Promise<void>((done, fail) =>
        this.camera!.startRecord({
          timeout: LONGEST_SEGMENT_MS / 1000,
          timeoutCallback: ({ tempVideoPath }) => this.finish(tempVideoPath),
          success: () => done(),
          fail: ({ errMsg }) => fail(new DeviceError('failed', errMsg)),
        }),
      )
      this.timer = setTimeout(() => this.run?.ended(), LONGEST_SEGMENT_MS) as unknown as number
    }
  }

  async stop(): Promise<KeptSegment> {
    const run = this.run
    if (!run) throw new DeviceError('failed', 'nothing is being recorded')
    clearTimeout(this.timer)
    const durationMs = Date.now() - run.began
    const path = run.early !== undefined ? run.early : await this.result()
    this.run = null
    if (!path) throw new DeviceError('failed')
    return this.vault.adopt({ ...run.segment, durationMs }, path)
  }

  close(): void {
    this.camera = null
    this.loudness = null
  }

  private result(): Promise<string | null> {
    return new Promise((done) => {
      this.results.push(done)
      if (this.medium === 'voice') this.voice.stop()
      else {
        this.camera!.stopRecord({
          success: ({ tempVideoPath }) => this.finish(tempVideoPath),
          fail: () => this.finish(null),
        })
      }
    })
  }

  private finish(path: string | null): void {
    const waiting = this.results.splice(0)
    if (waiting.length) waiting.forEach((done) => done(path))
    else if (this.run) {
      this.run.early = path // stopped by WeChat: in the background, or out of time
      this.run.ended()
    }
  }
}

/** Ask for what the privacy agreement of the mini-program declares; a refusal is told apart from a missing device. */
function authorised(scopes: string[]): Promise<void> {
  const ask = (scope: string) =>
    new Promise<void>((done, fail) =>
      wx.authorize({
        scope,
        success: () => done(),
        fail: ({ errMsg, errno }: { errMsg: string; errno?: number }) =>
          fail(new DeviceError(errno === 104 ? 'privacy' : 'refused', errMsg)),
      }),
    )
  return scopes.reduce((before, scope) => before.then(() => ask(scope)), Promise.resolve())
}

/** Root mean square of 16-bit samples, 0..1. */
function loudnessOf(frame: ArrayBuffer): number {
  const samples = new Int16Array(frame, 0, Math.floor(frame.byteLength / 2))
  let sum = 0
  for (const sample of samples) sum += (sample / 32768) ** 2
  return samples.length ? Math.min(1, Math.sqrt(sum / samples.length) * 4) : 0
}
