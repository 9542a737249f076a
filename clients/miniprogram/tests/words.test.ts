import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import en from '@/locale/en.json'
import zh from '@/locale/zh-CN.json'

import { byDomain } from '@/hr/core/words'
import type { Words } from '@/core/i18n'

const hr = (files: Record<string, Words>) => ({ hr: byDomain(files) })
const whole = {
  en: { ...en, ...hr(import.meta.glob<Words>('../src/hr/locale/en/*.json', { eager: true, import: 'default' })) },
  zh: { ...zh, ...hr(import.meta.glob<Words>('../src/hr/locale/zh-CN/*.json', { eager: true, import: 'default' })) },
}
const flat = (words: Words, home = ''): Record<string, string> =>
  Object.entries(words).reduce((all, [key, value]) => ({ ...all, ...(typeof value === 'string' ? { [home + key]: value } : flat(value, `${home}${key}.`)) }), {})
const placeholders = (words: string) => [...words.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort()
const sources = readdirSync('src', { recursive: true, encoding: 'utf-8' }).filter((name) => /\.(vue|ts)$/.test(name))

describe('words', () => {
  const [chinese, english] = [flat(whole.zh), flat(whole.en)]

  it('are the same keys with the same placeholders in both languages', () => {
    expect(Object.keys(english).sort()).toEqual(Object.keys(chinese).sort())
    for (const key of Object.keys(chinese)) expect(placeholders(english[key]!), key).toEqual(placeholders(chinese[key]!))
  })

  it('of the candidate call the same thing the same and are nobody\'s shorthand', () => {
    const own = (words: Record<string, string>) => Object.entries(words).filter(([key]) => !key.startsWith('hr.'))
    for (const [key, words] of own(chinese)) expect(words, key).not.toMatch(/企业|谢绝|Mbit/)
    for (const [key, words] of own(english)) expect(words, key).not.toMatch(/\(s\)|Mbit/)
  })

  it('that a page asks for exist, and those that exist are asked for', () => {
    const text = sources.map((name) => readFileSync(join('src', name), 'utf-8')).join('\n')
    const asked = [...text.matchAll(/'([a-z]+(?:\.[a-z_]*[a-z])+)'/g)].map((found) => found[1]!).filter((key) => key.split('.')[0]! in whole.en)
    const exists = (key: string) => key in chinese || `${key}.title` in chinese
    expect(asked.filter((key) => !exists(key))).toEqual([])
    const families = [...text.matchAll(/[`']([a-z]+\.(?:[a-z_]+\.)*(?:[a-z_]+_)?)['`$]/g)].map((found) => found[1]!).filter((home) => home !== 'hr.')
    const built = [...families, 'check.', 'overview.', 'problems.', 'weekdays.', 'months.', 'zones.']
    const unused = Object.keys(chinese).filter((key) => !asked.includes(key) && !built.some((family) => key.startsWith(family)))
    expect(unused).toEqual([])
  })
})
