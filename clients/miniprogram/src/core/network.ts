import type { Platform } from '@/platform/types'

export interface Verdict {
  state: 'good' | 'slow' | 'away'
  /** Mbit/s, rounded. */
  speed: string
}

/** A video answer is about 1 Mbit per second of speech; half of that still arrives between two questions. */
const ENOUGH_MBITS = 0.5

/** How quickly this device fetches a file of known size from the product. */
export async function verdictOf(platform: Pick<Platform, 'request' | 'baseUrl'>, now: () => number = Date.now): Promise<Verdict> {
  const began = now()
  try {
    const answer = await platform.request({ method: 'GET', url: `${platform.baseUrl}/m/probe`, headers: {} })
    if (answer.status !== 200) return { state: 'away', speed: '' }
    const mbits = (answer.body.length * 8) / 1000 / Math.max(1, now() - began)
    return { state: mbits >= ENOUGH_MBITS ? 'good' : 'slow', speed: mbits >= 10 ? String(Math.round(mbits)) : mbits.toFixed(1) }
  } catch {
    return { state: 'away', speed: '' }
  }
}
