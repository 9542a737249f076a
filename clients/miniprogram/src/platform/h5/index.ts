import { NetworkError, type ChosenFile, type HttpRequest, type HttpResponse, type Platform } from '../types'
import { BrowserRecorder } from './recorder'
import { BrowserVault } from './vault'
import { bytesIn } from '../bytes'

/** What the product says about itself at /m/config.json. */
interface Config {
  sandbox: string | null
  sample: boolean
}

let chosen: Platform | null = null

/** The platform, once `initPlatform` has decided which. */
export function platform(): Platform {
  if (!chosen) throw new Error('initPlatform was not awaited')
  return chosen
}

/**
 * A browser; or, where the product runs against the sandbox and the address names one of its people (`/m/?person=...`), that
 * person's WeChat. A product without a sandbox never loads the sandbox's code.
 */
export async function initPlatform(): Promise<void> {
  addEventListener('popstate', openAnew)
  const config = await readConfig()
  const person = new URLSearchParams(location.search).get('person')
  const browser = browserPlatform(config.sample)
  if (config.sandbox && person) {
    const { sandboxPlatform } = await import('../sandbox')
    chosen = sandboxPlatform(browser, config.sandbox, person)
  } else {
    chosen = browser
  }
}

/**
 * Another address entered or tapped in the same tab: uni-app would show its page again as it was left, with what belongs to the
 * first address. Our own ways and the browser's way back carry a state, these do not.
 */
function openAnew(event: PopStateEvent): void {
  const path = location.hash.replace(/^#\/?/, '').split('?')[0] || 'pages/home/index'
  if (event.state === null && getCurrentPages().some((one) => one.route === path)) location.reload()
}

async function readConfig(): Promise<Config> {
  try {
    const response = await fetch('/m/config.json')
    return (await response.json()) as Config
  } catch {
    return { sandbox: null, sample: false }
  }
}

function browserPlatform(sample: boolean): Platform {
  const vault = new BrowserVault('weimian')
  return {
    name: 'h5',
    baseUrl: '',
    scope: '',
    sample,
    request,
    leaveTo: inWeChatBrowser() ? (address) => location.assign(address) : null,
    appId: async () => null,
    login: async () => null,
    subscribe: async () => null,
    async saveFile(name, text) {
      const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
      Object.assign(document.createElement('a'), { href: url, download: name }).click()
      setTimeout(() => URL.revokeObjectURL(url), 10_000)
    },
    chooseFile,
    async openFile(address, name) {
      Object.assign(document.createElement('a'), { href: address, download: name }).click()
    },
    async room() {
      void navigator.storage?.persist?.().catch(() => false) // asks nobody: what is kept shall not be cleared for room
      const kept = await bytesIn(vault)
      try {
        const { quota, usage } = await navigator.storage.estimate()
        return { kept, free: Math.max(0, (quota ?? Infinity) - (usage ?? 0)), limit: null }
      } catch {
        return { kept, free: Infinity, limit: null }
      }
    },
    elapsed: () => performance.now(),
    textScale,
    openPrivacyNotice: () => {},
    vault,
    recorder: new BrowserRecorder(vault),
    online: () => navigator.onLine,
    whenOnline: () => new Promise((done) => addEventListener('online', () => done(), { once: true })),
    onVisibility(hidden, shown) {
      document.addEventListener('visibilitychange', () => (document.hidden ? hidden() : shown()))
    },
    exclusively: (name, work) => (navigator.locks ? navigator.locks.request(`weimian:${name}`, work) : work()),
  }
}

/** uni-app leaves its file fields on the page, where nobody can see them but a screen reader still finds them. */
function hideFields(): void {
  document.querySelectorAll<HTMLElement>('body > input[type=file]').forEach((field) => (field.style.display = 'none'))
}

function chooseFile(endings: string[]): Promise<ChosenFile | null> {
  return new Promise((done) => {
    uni.chooseFile({
      count: 1,
      extension: endings.map((one) => `.${one}`),
      success: ({ tempFilePaths, tempFiles }) => {
        const [path, file] = [([] as string[]).concat(tempFilePaths)[0], ([] as unknown[]).concat(tempFiles)[0] as File | undefined]
        done(path && file ? { path, name: file.name, size: file.size } : null)
      },
      fail: () => done(null),
    })
    hideFields()
  })
}

/** The letters that the browser was told to use, beside the usual 16 pixels. */
function textScale(): number {
  const probe = document.body.appendChild(document.createElement('span'))
  probe.style.fontSize = 'medium'
  const size = parseFloat(getComputedStyle(probe).fontSize)
  probe.remove()
  return size / 16
}

/** WeChat's browser, and not a page inside somebody's mini-program, where another way in exists. */
function inWeChatBrowser(): boolean {
  return /MicroMessenger/i.test(navigator.userAgent) && !/miniProgram/i.test(navigator.userAgent)
}

async function request({ method, url, headers, body, cookies }: HttpRequest): Promise<HttpResponse> {
  let response: Response
  try {
    response = await fetch(url, { method, headers, body, cache: 'no-store', credentials: cookies ? 'same-origin' : 'omit' })
  } catch (error) {
    throw new NetworkError(String(error))
  }
  try {
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() }
  } catch (error) {
    throw new NetworkError(String(error)) // the answer broke off
  }
}
