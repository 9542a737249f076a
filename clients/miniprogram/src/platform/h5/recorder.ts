import { t } from '@/core/i18n'
import { DeviceError, type DeviceFault, type KeptSegment, type Recorder } from '../types'
import type { BrowserVault } from './vault'

/** How often the browser hands over what it recorded: at most this much can be lost to a killed page. */
const SLICE_MS = 1000
const TYPES = {
  video: ['video/webm;codecs=vp8,opus', 'video/webm', 'video/mp4'],
  voice: ['audio/webm;codecs=opus', 'audio/webm', 'audio/mp4', 'audio/ogg'],
}
const WANTED = {
  video: { video: { facingMode: 'user', width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 24 } }, audio: true },
  voice: { audio: true },
}
const FAULTS: Record<string, DeviceFault> = {
  NotAllowedError: 'refused',
  SecurityError: 'refused',
  NotFoundError: 'missing',
  OverconstrainedError: 'missing',
  NotReadableError: 'busy',
  AbortError: 'busy',
}
/** The element of CameraView that holds the picture. */
export const CAMERA_ID = 'camera-view'

interface Run {
  segment: KeptSegment
  recorder: MediaRecorder
  began: number
  written: Promise<void>
  failure: unknown
}

/** MediaRecorder into the vault, slice by slice. */
export class BrowserRecorder implements Recorder {
  private stream: MediaStream | null = null
  private meter: { context: AudioContext; analyser: AnalyserNode; samples: Uint8Array } | null = null
  private run: Run | null = null

  constructor(private readonly vault: BrowserVault) {}

  async open(medium: 'video' | 'voice'): Promise<void> {
    if (!window.isSecureContext) throw new DeviceError('insecure')
    if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) throw new DeviceError('unsupported')
    const has = this.stream?.active ? (this.stream.getVideoTracks().length ? 'video' : 'voice') : null
    if (has !== medium) {
      this.close()
      try {
        this.stream = await navigator.mediaDevices.getUserMedia(WANTED[medium])
      } catch (error) {
        throw new DeviceError(FAULTS[(error as DOMException).name] ?? 'failed', String(error))
      }
      this.listen(this.stream)
    }
    if (medium === 'video') this.show(this.stream!)
  }

  level(): number | null {
    if (!this.meter) return null
    this.meter.analyser.getByteTimeDomainData(this.meter.samples)
    let sum = 0
    for (const sample of this.meter.samples) sum += ((sample - 128) / 128) ** 2
    return Math.min(1, Math.sqrt(sum / this.meter.samples.length) * 4)
  }

  async start(segment: KeptSegment, ended: () => void): Promise<void> {
    const stream = this.stream
    if (!stream?.active) throw new DeviceError('missing')
    const medium = stream.getVideoTracks().length ? 'video' : 'voice'
    const type = TYPES[medium].find((one) => MediaRecorder.isTypeSupported(one))
    if (!type) throw new DeviceError('unsupported')
    const recorder = new MediaRecorder(stream, { mimeType: type, videoBitsPerSecond: 900_000, audioBitsPerSecond: 64_000 })
    const kept = { ...segment, type: type.split(';')[0]! }
    await this.vault.putSegment(kept)
    const run: Run = { segment: kept, recorder, began: performance.now(), written: Promise.resolve(), failure: null }
    recorder.ondataavailable = ({ data }) => this.keep(run, data, ended)
    recorder.onstop = () => {
      if (this.run === run) ended() // not asked by us: the device was taken away
    }
    recorder.start(SLICE_MS)
    this.run = run
  }

  async stop(): Promise<KeptSegment> {
    const run = this.run
    if (!run) throw new DeviceError('failed', 'nothing is being recorded')
    this.run = null
    if (run.recorder.state !== 'inactive') {
      const stopped = new Promise<void>((done) => (run.recorder.onstop = () => done()))
      run.recorder.stop()
      await stopped
    }
    await run.written
    run.segment = { ...run.segment, closed: true }
    await this.vault.putSegment(run.segment)
    if (run.failure) throw new DeviceError('storage', String(run.failure)) // what fitted is in the vault
    return run.segment
  }

  close(): void {
    this.stream?.getTracks().forEach((track) => track.stop())
    void this.meter?.context.close()
    this.stream = this.meter = null
  }

  /** Slices are written one after another; when the storage is full the recording ends with what fitted. */
  private keep(run: Run, data: Blob, ended: () => void): void {
    if (!data.size) return
    run.written = run.written.then(async () => {
      if (run.failure) return
      const bytes = await data.arrayBuffer()
      const durationMs = Math.round(performance.now() - run.began)
      const longer = { ...run.segment, bytes: run.segment.bytes + bytes.byteLength, durationMs }
      try {
        await this.vault.append(longer, bytes)
        run.segment = longer
      } catch (error) {
        run.failure = error
        ended()
      }
    })
  }

  private show(stream: MediaStream): void {
    const place = document.getElementById(CAMERA_ID)
    if (!place) return
    const video = place.querySelector('video') ?? document.createElement('video')
    Object.assign(video, { muted: true, playsInline: true, autoplay: true, className: 'camera-video' })
    video.setAttribute('aria-label', t('answer.camera'))
    if (video.srcObject !== stream) video.srcObject = stream
    place.append(video)
  }

  private listen(stream: MediaStream): void {
    const context = new AudioContext()
    const analyser = context.createAnalyser()
    analyser.fftSize = 1024
    context.createMediaStreamSource(stream).connect(analyser)
    this.meter = { context, analyser, samples: new Uint8Array(analyser.fftSize) }
  }
}
