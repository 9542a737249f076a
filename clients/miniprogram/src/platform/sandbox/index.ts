import { t } from '@/core/i18n'
import { newId } from '@/core/ids'
import { askPrivacy } from '@/core/privacy'
import { DeviceError, NetworkError, type Platform, type Recorder, type SubscribeAnswer } from '../types'

interface SandboxApp {
  app_id: string
  name: string
  kind: string
  templates: Record<string, { title: string }>
}

/** One person's WeChat in the sandbox (wechat/sandbox), around a browser that records and uploads as always. */
export function sandboxPlatform(browser: Platform, url: string, person: string): Platform {
  const people = `${url}/sandbox/people/${encodeURIComponent(person)}`
  return {
    ...browser,
    name: 'sandbox',
    scope: `${person}:`,
    leaveTo: null,
    async appId() {
      const apps = await call<SandboxApp[]>(`${url}/sandbox/apps`)
      return apps.find((one) => one.kind === 'mini_program')?.app_id ?? null
    },
    recorder: withPrivacy(browser.recorder, `${person}:privacy`),
    openPrivacyNotice: showNotice,
    async login(appId) {
      return (await call<{ code: string }>(`${people}/login`, { app_id: appId })).code
    },
    async subscribe(appId, templateIds) {
      const apps = await call<SandboxApp[]>(`${url}/sandbox/apps`)
      const app = apps.find((one) => one.app_id === appId)
      const titles = templateIds.map((id) => app?.templates[id]?.title ?? id)
      const accept = await popUp(app?.name ?? appId, templateIds, titles)
      const answer = await call<Record<string, string>>(`${people}/subscriptions`, {
        app_id: appId,
        template_ids: templateIds,
        accept,
      })
      return Object.fromEntries(templateIds.map((id) => [id, answer[id] as SubscribeAnswer]))
    },
  }
}

/** WeChat opens neither camera nor microphone before the person agreed to the privacy notice, once. */
function withPrivacy(recorder: Recorder, agreed: string): Recorder {
  return {
    async open(medium) {
      if (!uni.getStorageSync(agreed)) {
        if (!(await askPrivacy())) throw new DeviceError('privacy')
        uni.setStorageSync(agreed, true)
      }
      await recorder.open(medium)
    },
    level: () => recorder.level(),
    start: (segment, ended) => recorder.start(segment, ended),
    stop: () => recorder.stop(),
    close: () => recorder.close(),
  }
}

/** A plain request: the sandbox reads JSON whatever its type is called, so the browser asks for no permission first. */
async function call<T>(url: string, body?: unknown): Promise<T> {
  try {
    const response = await fetch(url, body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`${response.status}`)
    return (await response.json()) as T
  } catch (error) {
    throw new NetworkError(`sandbox: ${String(error)}`)
  }
}

/** What WeChat shows for `wx.requestSubscribeMessage`: the templates, one choice each, allow or not at all. */
function popUp(name: string, ids: string[], titles: string[]): Promise<Record<string, SubscribeAnswer>> {
  const dialog = document.createElement('dialog')
  dialog.className = 'wechat-popup'
  dialog.setAttribute('aria-labelledby', `popup-${newId()}`)
  const heading = element('h2', 'title', t('sandbox.popup', { name }))
  heading.id = dialog.getAttribute('aria-labelledby')!
  const boxes = ids.map((id, at) => {
    const label = element('label', 'choice', '')
    const box = Object.assign(document.createElement('input'), { type: 'checkbox', checked: true, value: id, className: 'wechat-popup-box' })
    label.append(box, element('span', 'name', titles[at]!))
    return { label, box }
  })
  const buttons = element('p', 'buttons', '')
  const refuse = element('button', 'button refuse', t('sandbox.refuse'))
  const allow = element('button', 'button', t('sandbox.allow'))
  buttons.append(refuse, allow)
  dialog.append(heading, ...boxes.map(({ label }) => label), buttons, element('small', 'note', t('sandbox.note')))
  document.body.append(dialog)
  dialog.showModal()
  return new Promise((done) => {
    const close = (allowed: boolean) => {
      dialog.remove()
      done(Object.fromEntries(boxes.map(({ box }) => [box.value, allowed && box.checked ? 'accept' : 'reject'])))
    }
    allow.addEventListener('click', () => close(true))
    refuse.addEventListener('click', () => close(false))
    dialog.addEventListener('cancel', () => close(false))
  })
}

/** Where WeChat opens the mini-program's privacy notice, a page of WeChat's own. */
function showNotice(): void {
  const dialog = document.createElement('dialog')
  dialog.className = 'wechat-popup'
  const close = element('button', 'button', t('sandbox.close'))
  const buttons = element('p', 'buttons', '')
  buttons.append(close)
  dialog.append(element('h2', 'title', t('gate.title')), element('p', 'words', t('sandbox.notice')), buttons)
  dialog.addEventListener('close', () => dialog.remove())
  close.addEventListener('click', () => dialog.close())
  document.body.append(dialog)
  dialog.showModal()
}

/** By class: uni-app turns the names of elements in style sheets into its own. */
function element(tag: string, kind: string, words: string): HTMLElement {
  const made = document.createElement(tag)
  made.className = `wechat-popup-${kind}`
  made.textContent = words
  return made
}
