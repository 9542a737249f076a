import { describe, expect, it } from 'vitest'
import { HEIGHT, LETTERS, WIDTH, radarSvg, widthOf } from '@/core/radar'

const SMALLEST = 11
const NARROWEST_CARD = 250
const NAMES = [
  ['沟通表达', '客户导向', '学习能力', '抗压能力', '团队协作与跨部门沟通能力'],
  ['Communication', 'Customer orientation', 'Learning', 'Resilience under pressure', 'Teamwork'],
  ['Supercalifragilisticexpialidocious', 'B & <C>', '一个非常非常非常非常长而且没有空格的能力名称'],
  ['A', 'B', 'C', 'D', 'E', 'F', 'Communication', 'Stakeholder management'],
]

describe('the radar chart', () => {
  it('has letters that can be read on the narrowest phone', () => {
    expect(LETTERS * Math.min(NARROWEST_CARD / WIDTH, 240 / HEIGHT)).toBeGreaterThanOrEqual(SMALLEST)
  })

  it.each(NAMES)('keeps every name inside and apart from the others (%s…)', (...names) => {
    const svg = radarSvg(names.map((label) => ({ label, value: 500 })))
    const texts = [...svg.matchAll(/<text x="([\d.-]+)" y="([\d.-]+)"[^>]*>([^<]*)</g)].map(([, x, y, words]) => {
      const half = widthOf(words!.replace(/&\w+;/g, '&')) / 2
      return { words, left: Number(x) - half, right: Number(x) + half, top: Number(y) - LETTERS * 0.8, bottom: Number(y) + LETTERS * 0.2 }
    })
    expect(texts.length).toBeGreaterThanOrEqual(names.length)
    texts.forEach((one, at) => {
      expect(one.left, one.words).toBeGreaterThanOrEqual(-0.1)
      expect(one.right, one.words).toBeLessThanOrEqual(WIDTH + 0.1)
      expect(one.top, one.words).toBeGreaterThanOrEqual(0)
      expect(one.bottom, one.words).toBeLessThanOrEqual(HEIGHT)
      for (const other of texts.slice(at + 1)) {
        const apart = one.right <= other.left || other.right <= one.left || one.bottom <= other.top || other.bottom <= one.top
        expect(apart, `${one.words} | ${other.words}`).toBe(true)
      }
    })
  })
})
