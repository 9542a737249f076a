import { platform } from '@platform'
import type { Schemas } from '@/api/client'
import { ApiProblem } from './problem'
import { askWeChat, visitorOfBrowser, type CameBack } from './wechat'
import { apiOf, findSession, forgetInvitation, forgetSession, keepSession, knownTokens, publicApi } from './session'

export type MyCompany = Schemas['MyCompany']
export type MyInvitation = MyCompany['invitations'][number]

export interface Mine {
  companies: MyCompany[]
  /** WeChat's word on who is here; null in a browser. */
  visitor: string | null
}

/** My invitations over companies: inside WeChat by who WeChat says I am, in a browser those this device has been let into. */
export async function findMine(cameBack: CameBack): Promise<Mine> {
  await askWeChat(null, cameBack)
  const visitor = (await visitorOfBrowser(cameBack)) ?? (await weChatVisitor())
  if (visitor === null) return { companies: await ofThisDevice(), visitor }
  return { companies: (await publicApi(visitor).get('/api/v1/wechat/me/invitations')).companies, visitor }
}

/** A visitor by `wx.login`; null where there is no WeChat. */
export async function weChatVisitor(): Promise<string | null> {
  const appId = await platform().appId()
  const code = appId && (await platform().login(appId))
  return appId && code ? (await publicApi().post('/api/v1/wechat/sessions', { app_id: appId, code })).access_token : null
}

/** One answer of a company names all of one person's invitations there, so most links are not asked for by themselves. */
async function ofThisDevice(): Promise<MyCompany[]> {
  const found: MyCompany[] = []
  const shown = new Set<string>()
  for (const token of knownTokens()) {
    if (shown.has(token)) continue
    const company = (findSession(token) && (await asCandidate(token))) || (await asAnybody(token))
    if (!company) continue
    company.invitations = company.invitations.filter((one) => !shown.has(one.token))
    company.invitations.forEach((one) => shown.add(one.token))
    const same = found.find((one) => one.company === company.company)
    if (same) same.invitations.push(...company.invitations)
    else found.push(company)
  }
  return found
}

async function asCandidate(token: string): Promise<MyCompany | null> {
  try {
    const company = await apiOf(token).get('/api/v1/candidate/invitations')
    const invitations = company.invitations.map((one) => ({ ...one, proven: findSession(one.token) !== null }))
    return { ...company, invitations }
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status >= 500) throw error
    if (error.status === 401) forgetSession(token)
    return null
  }
}

/** What the link tells whoever holds it; nothing when it is over. */
async function asAnybody(token: string): Promise<MyCompany | null> {
  try {
    const link = await publicApi().get('/api/v1/invitation-links/{token}', { params: { token } })
    const { position, status, window_starts_at, window_ends_at } = link
    const next_step = status === 'started' ? 'go_on' : status === 'finished' ? 'wait' : 'start'
    const one: MyInvitation = { id: token, token, position, status, window_starts_at, window_ends_at, slot_at: null, next_step, proven: false }
    return { company: link.company, available: true, invitations: [one] }
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status >= 500) throw error
    return null
  }
}

/** Enter one of mine: bound to this WeChat it needs no code. False when it does. */
export async function enterMine(one: MyInvitation, visitor: string | null): Promise<boolean> {
  if (findSession(one.token)) return true
  if (!one.proven || visitor === null) return false
  const params = { token: one.token }
  keepSession(one.token, await publicApi(visitor).post('/api/v1/invitation-links/{token}/bindings', {}, { params }))
  return true
}

/** The token inside a link that somebody pasted: /i/<token>, token=<token>, or the token alone. */
export function tokenIn(pasted: string): string | null {
  return /(?:^|\/i\/|token=)([0-9A-Za-z]{28})(?![0-9A-Za-z])/.exec(pasted.trim())?.[1] ?? null
}

/** End every session of this browser, but not of an interview with recordings that have not left yet; how many stay. */
export async function leaveDevice(): Promise<number> {
  const waiting = new Set((await platform().vault.takes()).map((take) => take.token))
  for (const token of knownTokens().filter((one) => !waiting.has(one))) {
    try {
      if (findSession(token)) await apiOf(token).delete('/api/v1/sessions')
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status >= 500) throw error // over already
    }
    forgetInvitation(token)
  }
  return knownTokens().length
}
