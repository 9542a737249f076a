import { platform } from '@platform'
import { Api, type Schemas } from '@/api/client'
import { renewable, type KeptSession } from '@/core/session'

export type Role = Schemas['SessionOut']['role']

/** Who is signed in on this device: one person of one company at a time. */
export interface Staff extends KeptSession {
  role: Role
  name: string
  company: Schemas['SessionOut']['tenant']
}

const KEY = 'staff'
const LAST = 'staff-last:'
const keyOf = () => platform().scope + KEY
const lastOf = (key: string) => platform().scope + LAST + key
const apis = new Map<string, Api>()

export function findStaff(): Staff | null {
  return (uni.getStorageSync(keyOf()) as Staff) || null
}

export function keepStaff(session: Schemas['SessionOut']): void {
  forgetStaff() // whatever an earlier person saw is not for this one
  const { role, name, tenant } = session
  const kept: Staff = { access: session.access_token, refresh: session.refresh_token, role, name, company: tenant }
  uni.setStorageSync(keyOf(), kept)
}

/** The session and everything it showed leave this device. */
export function forgetStaff(): void {
  const { keys } = uni.getStorageInfoSync()
  for (const key of keys) if (key.startsWith(lastOf(''))) uni.removeStorageSync(key)
  uni.removeStorageSync(keyOf())
}

/** The API as the person who is signed in. */
export function staffApi(): Api {
  const scope = platform().scope
  const known = apis.get(scope) ?? new Api(platform(), credentials(scope))
  apis.set(scope, known)
  return known
}

function credentials(scope: string) {
  return renewable(`renew:${scope}${KEY}`, {
    find: findStaff,
    keep(tokens) {
      const staff = findStaff()
      if (staff) uni.setStorageSync(keyOf(), { ...staff, access: tokens.access_token, refresh: tokens.refresh_token })
    },
    forget: forgetStaff,
  })
}

/** What was shown last, kept for a network that is away; it goes with the session. */
export function keepLast(key: string, value: unknown): void {
  try {
    uni.setStorageSync(lastOf(key), value)
  } catch (error) {
    console.warn('nothing is kept for a network that is away', error) // the storage is full
  }
}

export function findLast<T>(key: string): T | null {
  return (uni.getStorageSync(lastOf(key)) as T) || null
}
