import { platform } from '@platform'
import { ApiProblem } from './problem'
import { publicApi } from './session'

const GIVE_UP_MS = 8000

/** `yes` or `no` once this browser came back from WeChat. */
export type CameBack = string | undefined

/** In WeChat's own browser: leave for the page where WeChat says who is here. It goes on where there is no such way. */
export async function askWeChat(token: string | null, cameBack: CameBack): Promise<void> {
  const leave = platform().leaveTo
  if (!leave || cameBack) return
  try {
    leave((await publicApi().post('/api/v1/wechat/authorizations', { token }, { cookies: true })).address)
    await new Promise((done) => setTimeout(done, GIVE_UP_MS)) // the page is on its way out; unless nothing came
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 404) throw error // no official account: a code then
  }
}

let visitor: string | null = null

/** The visitor that WeChat said is here; kept until the page is closed. Null when it said nothing, or too long ago. */
export async function visitorOfBrowser(cameBack: CameBack): Promise<string | null> {
  if (visitor || cameBack !== 'yes') return visitor
  try {
    visitor = (await publicApi().post('/api/v1/wechat/browser-sessions', undefined, { cookies: true })).access_token
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 401) throw error
  }
  return visitor
}
