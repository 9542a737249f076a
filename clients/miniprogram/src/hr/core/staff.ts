import './words'
import { ref, type Ref } from 'vue'
import { onPullDownRefresh } from '@dcloudio/uni-app'
import { ready, useLoading, type Loading } from '@/core/app'
import { findStaff, forgetStaff, type Role } from './session'

/** HR's pages. A page of the first row is a tab: opening it leaves nothing to go back to. */
export type HrPage =
  | 'board' | 'inbox' | 'me'
  | 'sign-in' | 'access' | 'shortlist' | 'settings'
  | 'due' | 'decide'
  | 'candidate' | 'compare' | 'receipt'
  | 'review' | 'share' | 'lead' | 'thread' | 'appeal' | 'help-actions'

export const TABS: HrPage[] = ['board', 'inbox', 'me']

type Query = Record<string, string>

export function addressOf(page: HrPage, query: Query = {}): string {
  const pairs = Object.entries(query).map((pair) => pair.map(encodeURIComponent).join('='))
  return `/hr/${page}/index${pairs.length ? `?${pairs.join('&')}` : ''}`
}

/** As many as WeChat keeps; it opens no further one on top. */
const MOST_PAGES = 10

/**
 * Open a page of HR; `replace` where going back would mean nothing, `again` where one may have come from that page: it is
 * then gone back to, with what was typed there, so that going to and fro over a whole list piles up no pages.
 */
export function goHr(page: HrPage, query: Query = {}, options: { replace?: boolean; again?: boolean } = {}): void {
  const url = addressOf(page, query)
  const pages = getCurrentPages()
  const before = pages[pages.length - 2]
  if (TABS.includes(page)) void uni.reLaunch({ url })
  else if (options.again && before && isAt(before, page, query)) void uni.navigateBack()
  else if (options.replace || pages.length >= MOST_PAGES) void uni.redirectTo({ url })
  else void uni.navigateTo({ url })
}

function isAt(opened: { route?: string }, page: HrPage, query: Query): boolean {
  const named = queryOf(opened).slice(1).split('&')
  return opened.route === addressOf(page).slice(1) && Object.entries(query).every(([name, value]) => named.includes(`${name}=${encodeURIComponent(value)}`))
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
