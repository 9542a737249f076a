import { ref, type Ref } from 'vue'
import { onLoad } from '@dcloudio/uni-app'
import { initPlatform, platform } from '@platform'
import { useAttempts, type Attempts } from './attempts'
import { initialLanguage, t } from './i18n'
import { dropClosed } from './keeping'
import { leaveNotice } from './notices'
import { ownTroubleOf, type Trouble } from './problem'
import { apiOf, forgetSession, knownTokens } from './session'
import { initialTextSize } from './textsize'
import { Uploads } from './uploads'

let starting: Promise<void> | null = null
let sender: Uploads | null = null

/** Everything a page needs before it does anything. */
export function ready(): Promise<void> {
  starting ??= initPlatform().then(() => {
    initialLanguage()
    initialTextSize()
    sender = new Uploads(platform(), apiOf)
    sender.onUseless((take, code) => leaveNotice(take.token, { questionId: take.questionId, code }))
    platform().onVisibility(
      () => watchers.forEach((watcher) => watcher(false)),
      () => {
        watchers.forEach((watcher) => watcher(true))
        void sender?.run()
      },
    )
    void platform().vault.removeTake(PRACTICE)
    void sender.run()
    void dropClosed()
  })
  return starting
}

/** Called with whether the pages are in sight, when that changes. */
export const watchers = new Set<(inSight: boolean) => void>()

/** The take of the practice question: it stays on the device and is removed. */
export const PRACTICE = 'practice'

export function uploads(): Uploads {
  if (!sender) throw new Error('ready() was not awaited')
  return sender
}

export type PageName =
  | 'invitation' | 'code' | 'consent' | 'overview' | 'slot' | 'decline' | 'check' | 'answer' | 'report' | 'survey' | 'messages'
  | 'help' | 'appeal' | 'data' | 'home' | 'profile' | 'faq' | 'consents'

/** Open a page of the same invitation; `replace` where going back would mean nothing. */
export function go(page: PageName, token: string, options: { replace?: boolean; query?: Record<string, string> } = {}): void {
  const query = Object.entries({ token, ...options.query }).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  const url = `/pages/${page}/index?${query.join('&')}`
  if (options.replace) void uni.redirectTo({ url })
  else void uni.navigateTo({ url })
}

export interface Loading extends Attempts {
  loaded: Ref<boolean>
  reload: () => void
}

export interface Page extends Loading {
  token: Ref<string>
}

/** The token of the page's address, its first load, and one place where its troubles are shown. */
export function usePage(title: string, load: (query: Record<string, string>) => Promise<void>): Page {
  const token = ref('')
  const loading = useLoading(title, load, {
    tell: ownTroubleOf,
    opened: (query) => (token.value = query.token ?? ''),
    ended() {
      const entered = knownTokens().includes(token.value) // else this device never had a session to end
      forgetSession(token.value)
      go('invitation', token.value, { replace: true, query: { ended: entered ? 'session' : 'never' } })
    },
  })
  return { token, ...loading }
}

/** A page's first load, and one place where its troubles are shown; `ended` is called when the session is over. */
export function useLoading(
  title: string,
  load: (query: Record<string, string>) => Promise<void>,
  called: { opened?: (query: Record<string, string>) => void; ended?: () => void; tell?: (error: unknown) => Trouble } = {},
): Loading {
  const loaded = ref(false)
  const { busy, trouble, attempt, attemptNext } = useAttempts(called.ended, called.tell)
  let query: Record<string, string> = {}

  function reload(): void {
    attemptNext(async () => {
      await ready()
      void uni.setNavigationBarTitle({ title: t(title) })
      await load(query)
      loaded.value = true
    })
  }

  onLoad((given) => {
    query = fromAddress(given as Record<string, string>)
    called.opened?.(query)
    reload()
  })
  return { loaded, busy, trouble, attempt, attemptNext, reload }
}

/** A mini-program code carries the token as its `scene`. */
function fromAddress(given: Record<string, string>): Record<string, string> {
  const scene = given.scene ? decodeURIComponent(given.scene) : ''
  return scene && !given.token ? { ...given, token: scene } : given
}
