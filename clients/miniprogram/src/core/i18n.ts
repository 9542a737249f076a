import { reactive } from 'vue'
import en from '@/locale/en.json'
import zh from '@/locale/zh-CN.json'

export type Language = 'zh-CN' | 'en'
export type Words = { [key: string]: string | Words }

const CATALOGUES: Record<Language, Words> = { 'zh-CN': zh, en }
const KEPT = 'language'
const state = reactive<{ language: Language }>({ language: 'zh-CN' })

/** Add the words of a part that loads by itself (HR's sub-package), below `home`. */
export function addWords(home: string, words: Record<Language, Words>): void {
  for (const one of Object.keys(words) as Language[]) CATALOGUES[one][home] = words[one]
}

/** The language of a tag such as `en-GB` or `zh_Hans`; Chinese when unknown. */
export function languageOf(tag: string): Language {
  return tag.toLowerCase().startsWith('en') ? 'en' : 'zh-CN'
}

/** What was chosen before, else what the device speaks. */
export function initialLanguage(): void {
  const kept = uni.getStorageSync(KEPT) as string
  state.language = languageOf(kept || uni.getSystemInfoSync().language || 'zh-CN')
}

export function language(): Language {
  return state.language
}

export function chooseLanguage(chosen: Language): void {
  state.language = chosen
  uni.setStorageSync(KEPT, chosen)
}

/** The words of `key` in the present language, `{name}` replaced. A missing key is a mistake that tests find: it shows itself. */
export function t(key: string, params: Record<string, string | number> = {}): string {
  const words = lookUp(CATALOGUES[state.language], key)
  return words === undefined ? key : fill(words, params)
}

export function has(key: string): boolean {
  return lookUp(CATALOGUES[state.language], key) !== undefined
}

function lookUp(words: Words, key: string): string | undefined {
  let node: string | Words | undefined = words
  for (const part of key.split('.')) node = typeof node === 'object' ? node[part] : undefined
  return typeof node === 'string' ? node : undefined
}

export function fill(words: string, params: Record<string, string | number>): string {
  return words.replace(/\{(\w+)\}/g, (whole, name: string) => (name in params ? String(params[name]) : whole))
}
