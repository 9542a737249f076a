import './words'
import { ref, type Ref } from 'vue'
import { onPullDownRefresh } from '@dcloudio/uni-app'
import { ready, useLoading, type Loading } from '@/core/app'
import { findStaff, forgetStaff, type Role } from './session'

/** HR's pages. A page of the first row is a tab: opening it leaves nothing to go back to. */
export type HrPage =
  | 'board' | 'inbox' | 'me'
  | 'sign-in' | 'access' | 'settings'
  | 'due' | 'decide'
  | 'candidate' | 'compare' | 'receipt'
  | 'review' | 'share' | 'lead' | 'thread' | 'appeal' | 'help-actions'

export const TABS: HrPage[] = ['board', 'inbox', 'me']

type Query = Record<string, string>

export function addressOf(page: HrPage, query: Query = {}): string {
  const pairs = Object.entries(query).map((pair) => pair.map(encodeURIComponent).join('='))
  return `/hr/${page}/index${pairs.length ? `?${pairs.join('&')}` : ''}`
}

/** Open a page of HR; `replace` where going back would mean nothing. */
export function goHr(page: HrPage, query: Query = {}, options: { replace?: boolean } = {}): void {
  const url = addressOf(page, query)
  if (TABS.includes(page)) void uni.reLaunch({ url })
  else if (options.replace) void uni.redirectTo({ url })
  else void uni.navigateTo({ url })
}

/** What the signed-in person may do, to show only that; the server decides. */
export function isAny(...roles: Role[]): boolean {
  const role = findStaff()?.role
  return role !== undefined && roles.includes(role)
}

export interface StaffPage extends Loading {
  query: Ref<Query>
}

/**
 * A page for people of the company: its query, first load, pull to refresh, and one place for its troubles. Without a session,
 * or when it is over, the sign-in page opens and comes back to exactly here.
 */
export function useStaffPage(title: string, load: (query: Query) => Promise<void>): StaffPage {
  const query = ref<Query>({})
  const loading = useLoading(
    title,
    async (given) => {
      if (findStaff()) await load(given)
      else signIn(false)
    },
    { opened: (given) => (query.value = given), ended: () => signIn(true) },
  )
  onPullDownRefresh(() => {
    loading.reload()
    void ready().then(() => uni.stopPullDownRefresh())
  })
  return { query, ...loading }
}

function signIn(ended: boolean): void {
  forgetStaff()
  const pages = getCurrentPages()
  const here = pages[pages.length - 1]
  const back = here ? `/${here.route}${queryOf(here)}` : addressOf('board')
  goHr('sign-in', { back, ...(ended ? { ended: '1' } : {}) }, { replace: true })
}

/** WeChat gives the query as `options`, uni-app in a browser within `$page.fullPath`. */
function queryOf(page: object): string {
  const known = page as { options?: Query; $page?: { fullPath?: string } }
  const full = known.$page?.fullPath
  if (full?.includes('?')) return full.slice(full.indexOf('?'))
  const pairs = Object.entries(known.options ?? {}).map(([name, value]) => `${name}=${value}`)
  return pairs.length ? `?${pairs.join('&')}` : ''
}
