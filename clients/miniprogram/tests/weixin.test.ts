import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const BUILD = 'dist/build/mp-weixin'
const LARGEST = 2 * 1024 * 1024

/** What WeChat DevTools would open; build/check builds it just before. */
describe.skipIf(!existsSync(BUILD))('the build for WeChat', () => {
  const files = existsSync(BUILD) ? readdirSync(BUILD, { recursive: true, encoding: 'utf-8' }).filter((name) => statSync(join(BUILD, name)).isFile()) : []
  const app = () => JSON.parse(readFileSync(join(BUILD, 'app.json'), 'utf-8')) as { pages: string[]; __usePrivacyCheck__: boolean }

  it('fits into the main package', () => {
    expect(files.reduce((sum, name) => sum + statSync(join(BUILD, name)).size, 0)).toBeLessThan(LARGEST)
  })

  it('has every page with its markup, opens my interviews first and asks for privacy', () => {
    expect(app().pages[0]).toBe('pages/home/index')
    expect(app().__usePrivacyCheck__).toBe(true)
    for (const page of app().pages) for (const kind of ['wxml', 'js', 'json']) expect(files).toContain(`${page}.${kind}`)
  })

  it('records with WeChat’s camera and knows nothing of browsers or the sandbox', () => {
    const all = files.map((name) => readFileSync(join(BUILD, name), 'utf-8')).join('\n')
    expect(all).toMatch(/<camera /)
    for (const foreign of ['MediaRecorder', 'indexedDB', 'sandbox/people', 'document.createElement']) expect(all).not.toContain(foreign)
  })
})
