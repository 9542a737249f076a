import { describe, expect, it } from 'vitest'
import { clipsOf, moment, points, spokenAt, sum, Track } from '@/hr/core/track'

const part = (url: string, starts_at_ms: number) => ({ url, starts_at_ms })

describe('the timeline of a take', () => {
  it('is one file for a rendition', () => {
    const track = new Track([part('a', 0)])
    expect(track.find(12_345)).toEqual({ number: 0, seconds: 12.345 })
    expect(track.at(0, 12.3454)).toBe(12_345)
  })
  it('goes over uploaded segments, with the hole between them', () => {
    const track = new Track([part('a', 0), part('b', 6000)])
    expect(track.find(5999).number).toBe(0)
    expect(track.find(7500)).toEqual({ number: 1, seconds: 1.5 })
    expect(track.at(1, 1.5)).toBe(7500)
  })
  it('a file that lasts longer than its clock says pushes the next one on', () => {
    const track = new Track([part('a', 0), part('b', 3000)])
    track.lasts(0, 3.5)
    expect(track.find(3400)).toEqual({ number: 0, seconds: 3.4 })
    expect(track.find(4000)).toEqual({ number: 1, seconds: 0.5 })
    track.lasts(0, Infinity) // a browser's recording does not know its length
    expect(track.find(4000)).toEqual({ number: 1, seconds: 0.5 })
  })
})

describe('what is shown of it', () => {
  const sentences = [{ start_ms: 0, end_ms: 2000 }, { start_ms: 2500, end_ms: 4000 }]
  it('the sentence that is spoken', () => {
    expect([0, 1999, 2600, 4500, 6000].map((ms) => spokenAt(sentences, ms))).toEqual([0, 0, 1, 1, -1])
    expect(spokenAt([{ start_ms: null, end_ms: null }], 100)).toBe(-1)
  })
  it('evidence in a recording, each second once', () => {
    const place = (start_ms: number | null) => ({ take_id: 't', answer_id: 'a', start_ms, end_ms: null })
    expect(clipsOf([place(1000), place(1400), place(2100), place(null)]).map((one) => one.start_ms)).toEqual([1000, 2100])
  })
  it('times and sums as people write them', () => {
    expect([moment(65_900), moment(0), moment(-5)]).toEqual(['1:05', '0:00', '0:00'])
    expect([points(735), points(-60), points(5, true)]).toEqual(['7.35', '−0.60', '+0.05'])
    expect(sum(300, [245, -20], 525)).toBe('3.00 + 2.45 − 0.20 = 5.25')
  })
})
