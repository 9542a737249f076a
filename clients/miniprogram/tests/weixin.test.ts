import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'

const BUILD = 'dist/build/mp-weixin'
const TYPINGS = 'node_modules/miniprogram-api-typings/types/wx/lib.wx.api.d.ts'
const LARGEST_PACKAGE = 2 * 1024 * 1024 // WeChat's limit for the main package and for each sub-package
const LARGEST_APP = 20 * 1024 * 1024
/** Components of WeChat's base library that we use; everything else in a WXML must be one of ours. */
const KNOWN_TAGS = new Set(['view', 'text', 'block', 'button', 'input', 'textarea', 'image', 'video', 'camera', 'scroll-view', 'swiper', 'swiper-item', 'slot', 'picker', 'progress', 'label', 'switch', 'slider', 'canvas', 'root-portal', 'cover-view'])

interface App {
  pages: string[]
  subPackages?: { root: string; pages: string[] }[]
  __usePrivacyCheck__: boolean
  darkmode: boolean
  window: Record<string, string>
}

/** What WeChat DevTools would open; build/check builds it just before. */
describe.skipIf(!existsSync(BUILD))('the build for WeChat', () => {
  const files = existsSync(BUILD) ? readdirSync(BUILD, { recursive: true, encoding: 'utf-8' }).filter((name) => statSync(join(BUILD, name)).isFile()) : []
  const text = (name: string) => readFileSync(join(BUILD, name), 'utf-8')
  const size = (names: string[]) => names.reduce((sum, name) => sum + statSync(join(BUILD, name)).size, 0)
  const app = () => JSON.parse(text('app.json')) as App
  const roots = () => (app().subPackages ?? []).map((one) => `${one.root}/`)
  const pages = () => [...app().pages, ...(app().subPackages ?? []).flatMap((one) => one.pages.map((page) => `${one.root}/${page}`))]
  const scripts = files.filter((name) => name.endsWith('.js'))

  it('fits: the main package, each sub-package and all of them', () => {
    const main = files.filter((name) => !roots().some((root) => name.startsWith(root)))
    expect(size(main)).toBeLessThan(LARGEST_PACKAGE)
    for (const root of roots()) expect(size(files.filter((name) => name.startsWith(root)))).toBeLessThan(LARGEST_PACKAGE)
    expect(size(files)).toBeLessThan(LARGEST_APP)
  })

  it('keeps HR’s pages out of the package that candidates load', () => {
    expect(roots()).toContain('hr/')
    const main = scripts.filter((name) => !roots().some((root) => name.startsWith(root)))
    const required = main.flatMap((name) => [...text(name).matchAll(/require\("([^"]+)"\)/g)].map(([, path]) => normalize(join(dirname(name), path!))))
    expect(required.filter((path) => roots().some((root) => path.startsWith(root)))).toEqual([])
  })

  it('has every page that there is, with its files, and nothing that is missing', () => {
    const ours = ['pages', 'hr'].flatMap((folder) => readdirSync(`src/${folder}`).filter((name) => existsSync(`src/${folder}/${name}/index.vue`)).map((name) => `${folder}/${name}/index`))
    expect([...pages()].sort()).toEqual(ours.sort())
    for (const page of pages()) for (const kind of ['wxml', 'js', 'json']) expect(files).toContain(`${page}.${kind}`)
    const required = scripts.flatMap((name) => [...text(name).matchAll(/require\("([^"]+)"\)/g)].map(([, path]) => normalize(join(dirname(name), path!))))
    expect(required.filter((path) => !files.includes(path))).toEqual([])
  })

  it('asks for privacy, looks for updates, follows the phone’s light and dark', () => {
    expect(app().__usePrivacyCheck__).toBe(true)
    expect(scripts.some((name) => /getUpdateManager\(\)/.test(text(name)) && /applyUpdate\(\)/.test(text(name)))).toBe(true)
    expect(app().darkmode).toBe(true)
    const themes = JSON.parse(text('theme.json')) as Record<'light' | 'dark', Record<string, string>>
    const wanted = Object.values(app().window).filter((value) => value.startsWith('@')).map((value) => value.slice(1))
    for (const theme of [themes.light, themes.dark]) for (const name of wanted) expect(theme).toHaveProperty(name)
  })

  it('draws with components that WeChat has or that are ours', () => {
    const unknown: string[] = []
    for (const name of files.filter((one) => one.endsWith('.wxml'))) {
      const own = (JSON.parse(text(name.replace(/wxml$/, 'json'))) as { usingComponents?: Record<string, string> }).usingComponents ?? {}
      for (const path of Object.values(own)) expect(files).toContain(`${normalize(join(dirname(name), path))}.wxml`)
      const tags = new Set([...text(name).matchAll(/<([a-z][\w-]*)/g)].map(([, tag]) => tag!))
      for (const tag of tags) if (!KNOWN_TAGS.has(tag) && !(tag in own)) unknown.push(`${name}: <${tag}>`)
    }
    expect(unknown).toEqual([])
  })

  it('calls nothing that WeChat’s typings do not know', () => {
    const typings = readFileSync(TYPINGS, 'utf-8')
    const known = (name: string) => new RegExp(`^\\s+(readonly )?${name}(\\??:|\\(|<)`, 'm').test(typings)
    expect([known('getUpdateManager'), known('request'), known('env'), known('patch')]).toEqual([true, true, true, false])
    const mine = scripts.filter((name) => !name.startsWith('common/'))
    const called = new Set(mine.flatMap((name) => [...text(name).matchAll(/\.(?:wx\$1|index)\.([A-Za-z]+)/g)].map(([, api]) => api!)))
    for (const needed of ['request', 'login', 'createCameraContext', 'getRecorderManager', 'getFileSystemManager', 'requestSubscribeMessage']) expect(called).toContain(needed)
    expect([...called].filter((name) => !known(name))).toEqual([])
  })

  it('records with WeChat’s camera and knows nothing of browsers or the sandbox', () => {
    const all = files.map(text).join('\n')
    expect(all).toMatch(/<camera /)
    for (const foreign of ['MediaRecorder', 'indexedDB', 'sandbox/people', 'document.createElement']) expect(all).not.toContain(foreign)
    for (const name of scripts.filter((one) => !one.startsWith('common/'))) expect(text(name)).not.toMatch(/\beval\(|new Function\(/)
  })
})
