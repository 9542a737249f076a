import { platform } from '@platform'
import { Api, type Credentials, type Schemas } from '@/api/client'
import { newId } from './ids'
import { ApiProblem } from './problem'

/** One candidate's session per invitation, kept on this device until it ends or the candidate signs out. */
export interface KeptSession {
  access: string
  refresh: string
}

const keyOf = (token: string) => `${platform().scope}session:${token}`
const apis = new Map<string, Api>()

export function findSession(token: string): KeptSession | null {
  return (uni.getStorageSync(keyOf(token)) as KeptSession) || null
}

export function keepSession(token: string, tokens: { access_token: string; refresh_token: string }): void {
  uni.setStorageSync(keyOf(token), { access: tokens.access_token, refresh: tokens.refresh_token })
  if (knownTokens()[0] !== token) uni.setStorageSync(`${platform().scope}known`, [token, ...knownTokens().filter((one) => one !== token)])
}

/** Links this device was let into, newest first; they stay known after their session ended. */
export function knownTokens(): string[] {
  return (uni.getStorageSync(`${platform().scope}known`) as string[]) || []
}

/** Forget a link with everything noted of it on this device: its session, drafts, what was read. */
export function forgetInvitation(token: string): void {
  uni.setStorageSync(`${platform().scope}known`, knownTokens().filter((one) => one !== token))
  const { keys } = uni.getStorageInfoSync()
  for (const key of keys) if (key.startsWith(platform().scope) && key.split(':').includes(token)) uni.removeStorageSync(key)
}

export function forgetSession(token: string): void {
  uni.removeStorageSync(keyOf(token))
}

/** The API as the candidate of one invitation. */
export function apiOf(token: string): Api {
  const key = keyOf(token)
  const known = apis.get(key) ?? new Api(platform(), credentialsOf(token))
  apis.set(key, known)
  return known
}

/** The API as nobody, or with a visitor's token. */
export function publicApi(visitor?: string): Api {
  return new Api(platform(), visitor ? { access: () => visitor, renew: async () => false } : undefined)
}

function credentialsOf(token: string): Credentials {
  return renewable(`renew:${token}`, {
    find: () => findSession(token),
    keep: (tokens) => keepSession(token, tokens),
    forget: () => forgetSession(token),
    headers: () => ({ 'Device-Id': deviceOf(token) }),
  })
}

/** Where a pair of tokens lies on this device. */
export interface Keeper {
  find(): KeptSession | null
  keep(tokens: { access_token: string; refresh_token: string }): void
  forget(): void
  headers?(): Record<string, string>
}

/** A random name of this device, another one for each invitation: it tells one's own devices apart and links nobody. */
function deviceOf(token: string): string {
  const key = `${platform().scope}device:${token}`
  const known = (uni.getStorageSync(key) as string) || newId()
  uni.setStorageSync(key, known)
  return known
}

/** A kept session as the API's credential; `name` keeps two open pages from renewing it at once. */
export function renewable(name: string, keeper: Keeper): Credentials {
  let renewing: Promise<boolean> | null = null
  return {
    access: () => keeper.find()?.access ?? null,
    headers: keeper.headers,
    renew(refused) {
      renewing ??= platform()
        .exclusively(name, () => renew(keeper, refused))
        .finally(() => (renewing = null))
      return renewing
    },
  }
}

/** A refresh token works once: a second page of ours must not use the one that the first has just used. */
async function renew(keeper: Keeper, refused: string): Promise<boolean> {
  const before = keeper.find()
  if (!before) return false
  if (before.access !== refused) return true // another page renewed it while this one waited
  try {
    keeper.keep(await publicApi().post('/api/v1/sessions/refresh', { refresh_token: before.refresh }))
    return true
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) keeper.forget()
    else throw error
    return false
  }
}

/** Become a visitor of a link: with WeChat's login inside WeChat, else as an unknown browser. */
export async function visitorOf(link: Schemas['LinkOut'], token: string): Promise<string> {
  const code = await platform().login(link.app_id)
  const visitor =
    code === null
      ? await publicApi().post('/api/v1/invitation-links/{token}/visits', undefined, { params: { token } })
      : await publicApi().post('/api/v1/wechat/sessions', { app_id: link.app_id, code })
  return visitor.access_token
}
