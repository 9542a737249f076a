import { platform } from '@platform'

/** For how long a device that was checked need not be checked again for the same interview (milliseconds). */
export const CHECKED_MS = 2 * 3600_000
const keyOf = (token: string) => `${platform().scope}checked:${token}`

export function rememberChecked(token: string): void {
  uni.setStorageSync(keyOf(token), Date.now())
}

/** Whether this device was checked for this interview a short time ago. */
export function wasChecked(token: string): boolean {
  const at = uni.getStorageSync(keyOf(token)) as number | ''
  return typeof at === 'number' && Math.abs(Date.now() - at) < CHECKED_MS
}
