import type { Schemas } from '@/api/client'
import { minutes } from './time'

type Evidence = Schemas['ReportDocument']['competencies'][number]['contributions'][number]['evidence'][number]
type Answer = Schemas['ReportDocument']['answers'][number]

/** A place in one's own answers: the question's number, when it was said (empty in writing), and the sentence around it. */
export interface Place {
  number: number
  at: string
  words: string
}

/** Where a contribution's points come from: each sentence once, in the order of the answers; what has no words as moments. */
export function placesOf(evidence: Evidence[], answers: Answer[]): Place[] {
  const found = new Map<string, Place & { order: number }>()
  for (const one of evidence) {
    const answer = answers.find(({ answer_id }) => answer_id === one.answer_id)
    if (!answer) continue
    const start = one.char_start ?? null
    const sentence = start === null ? undefined : answer.sentences.find((each) => each.char_start <= start && start < each.char_end)
    const words = sentence ? sentence.runs.map((run) => run.text).join('').trim() : (one.quote ?? '')
    const ms = sentence?.start_ms ?? one.start_ms ?? null
    const at = ms === null ? '' : minutes(Math.floor(ms / 1000) * 1000)
    if (!words && !at) continue
    found.set(`${answer.number}:${at}:${words}`, { number: answer.number, at, words, order: answer.number * 1e9 + (ms ?? start ?? 0) })
  }
  return [...found.values()].sort((a, b) => a.order - b.order).map(({ number, at, words }) => ({ number, at, words }))
}

/** Moments without words side by side, one line for a question: 0:14, 0:20. */
export function together(places: Place[]): Place[] {
  const lines: Place[] = []
  for (const place of places) {
    const last = lines[lines.length - 1]
    if (last && !last.words && !place.words && last.number === place.number) last.at = `${last.at}, ${place.at}`
    else lines.push({ ...place })
  }
  return lines
}
