import { describe, expect, it } from 'vitest'
import { placesOf, together } from '@/core/places'

type Answers = Parameters<typeof placesOf>[1]
type Evidence = Parameters<typeof placesOf>[0][number]

const sentence = (text: string, from: number, start_ms: number | null) => ({
  start_ms, end_ms: null, char_start: from, char_end: from + text.length, labels: [], runs: [{ text, kind: 'plain' as const }],
})
const answers = [
  { answer_id: 'a', number: 1, sentences: [sentence('转化率提高了。', 0, 3_400), sentence('我负责销售。', 7, 9_000)] },
  { answer_id: 'b', number: 2, sentences: [sentence('写下的话。', 0, null)] },
] as unknown as Answers
const at = (answer_id: string, char_start: number | null, start_ms: number | null = null): Evidence =>
  ({ answer_id, take_id: 't', char_start, char_end: char_start === null ? null : char_start + 2, start_ms, end_ms: null, quote: '' })

describe('where points come from', () => {
  it('names each sentence once, in the order of the answers', () => {
    expect(placesOf([at('b', 1), at('a', 9), at('a', 0), at('a', 3)], answers)).toEqual([
      { number: 1, at: '0:03', words: '转化率提高了。' }, { number: 1, at: '0:09', words: '我负责销售。' }, { number: 2, at: '', words: '写下的话。' },
    ])
  })
  it('puts moments without words on one line of their question', () => {
    expect(together(placesOf([at('a', null, 14_000), at('a', null, 20_900)], answers))).toEqual([{ number: 1, at: '0:14, 0:20', words: '' }])
  })
  it('leaves out what is in no answer', () => {
    expect(placesOf([at('c', 0), at('a', null)], answers)).toEqual([])
  })
})
