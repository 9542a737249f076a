/** One file of a take and where it begins on the take's timeline. */
export interface Part {
  url: string
  starts_at_ms: number
}

/** The take's timeline over the files that play it: one for a rendition, several while only the uploaded ones are there. */
export class Track {
  private readonly starts: number[]

  constructor(readonly parts: Part[]) {
    this.starts = parts.map((part) => part.starts_at_ms)
  }

  /** The file that holds a moment, and the second in it. */
  find(ms: number): { number: number; seconds: number } {
    let number = 0
    this.starts.forEach((start, at) => {
      if (start <= ms) number = at
    })
    return { number, seconds: Math.max(0, ms - (this.starts[number] ?? 0)) / 1000 }
  }

  /** The moment of a second in a file. */
  at(number: number, seconds: number): number {
    return Math.round((this.starts[number] ?? 0) + seconds * 1000)
  }

  /** A file turned out to last so long: the next one cannot begin before it ends. */
  lasts(number: number, seconds: number): void {
    if (!Number.isFinite(seconds) || number + 1 >= this.starts.length) return
    this.starts[number + 1] = Math.max(this.starts[number + 1]!, Math.round(this.starts[number]! + seconds * 1000))
  }
}

/** Something of a recording to look at: a contribution's evidence, an integrity fact, a comment. */
export interface Clip {
  take_id: string
  answer_id: string
  start_ms: number
  end_ms: number | null
}

interface Place {
  take_id: string
  answer_id: string
  start_ms?: number | null
  end_ms?: number | null
}

/** Those of several places that lie in a recording; the same second is shown once. */
export function clipsOf(places: Place[]): Clip[] {
  const seen = new Set<string>()
  const clips: Clip[] = []
  for (const { take_id, answer_id, start_ms, end_ms } of places) {
    if (start_ms === null || start_ms === undefined) continue
    const key = `${take_id}:${Math.floor(start_ms / 1000)}`
    if (seen.has(key)) continue
    seen.add(key)
    clips.push({ take_id, answer_id, start_ms, end_ms: end_ms ?? null })
  }
  return clips
}

/** Pieces that play one after another: `show` brings a player to a piece, `heard` says where that player is. */
export function inTurn(show: (clip: Clip) => Promise<void>) {
  let waiting: Clip[] = []
  let playing: Clip | null = null
  async function watch(clips: Clip[]): Promise<void> {
    const [first, ...rest] = clips
    if (!first) return
    waiting = rest
    playing = rest.length ? first : null
    await show(first)
  }
  function heard(ms: number): void {
    if (!playing || playing.end_ms === null || ms < playing.end_ms + 500) return
    void watch(waiting)
  }
  function stop(): void {
    waiting = []
    playing = null
  }
  return { watch, heard, stop }
}

/** The sentence that is spoken at a moment: the last that began, unless it is over for more than a second. */
export function spokenAt(sentences: { start_ms: number | null; end_ms: number | null }[], ms: number): number {
  let found = -1
  sentences.forEach((sentence, at) => {
    if (sentence.start_ms !== null && sentence.start_ms <= ms) found = at
  })
  const end = found < 0 ? null : sentences[found]!.end_ms
  return end !== null && ms > end + 1000 ? -1 : found
}

/** 65000 as 1:05; whole seconds that have passed. */
export function moment(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** 735 as 7.35, with its sign when asked. */
export function points(hundredths: number, signed = false): string {
  const sign = hundredths < 0 ? '−' : signed ? '+' : ''
  return `${sign}${Math.floor(Math.abs(hundredths) / 100)}.${String(Math.abs(hundredths) % 100).padStart(2, '0')}`
}

/** How points come about, to be added up by whoever reads it: 5.00 + 0.80 − 0.60 = 5.20 */
export function sum(baseline: number, parts: number[], whole: number): string {
  const terms = parts.map((part) => `${part < 0 ? '−' : '+'} ${points(Math.abs(part))}`)
  return [points(baseline), ...terms, '=', points(whole)].join(' ')
}
