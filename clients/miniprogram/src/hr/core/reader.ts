import { platform } from '@platform'
import { Api, type Schemas } from '@/api/client'
import { publicApi, renewable, type KeptSession } from '@/core/session'

/** The session of somebody whom one interview was shared with, by the link's token. It sees that interview and nothing else. */
const keyOf = (token: string) => `${platform().scope}share:${token}`
const apis = new Map<string, Api>()

export function findReader(token: string): KeptSession | null {
  return (uni.getStorageSync(keyOf(token)) as KeptSession) || null
}

export function keepReader(token: string, tokens: { access_token: string; refresh_token: string }): void {
  uni.setStorageSync(keyOf(token), { access: tokens.access_token, refresh: tokens.refresh_token })
}

export function forgetReader(token: string): void {
  uni.removeStorageSync(keyOf(token))
}

/** The API as the reader of one share. */
export function readerApi(token: string): Api {
  const key = keyOf(token)
  const session = { find: () => findReader(token), keep: (tokens: Parameters<typeof keepReader>[1]) => keepReader(token, tokens), forget: () => forgetReader(token) }
  const known = apis.get(key) ?? new Api(platform(), renewable(`renew:${key}`, session))
  apis.set(key, known)
  return known
}

/** Become a visitor of a share's link: with WeChat's login inside WeChat, else as an unknown browser. */
export async function visitorOfShare(link: Schemas['ShareLinkOut'], token: string): Promise<string> {
  const code = await platform().login(link.app_id)
  const visitor =
    code === null
      ? await publicApi().post('/api/v1/share-links/{token}/visits', undefined, { params: { token } })
      : await publicApi().post('/api/v1/wechat/sessions', { app_id: link.app_id, code })
  return visitor.access_token
}
