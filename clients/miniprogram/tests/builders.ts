import type { KeptSegment, KeptTake } from '@/platform/types'

export function take(id: string, change: Partial<KeptTake> = {}): KeptTake {
  return { id, token: 'token', questionId: 'q1', medium: 'video', serverId: null, confirmed: false, ...change }
}

export function segment(takeId: string, number: number, bytes = 0, change: Partial<KeptSegment> = {}): KeptSegment {
  return { takeId, number, startsAtMs: 0, durationMs: 0, type: 'video/webm', bytes, closed: false, uploadUrl: null, offset: 0, path: null, ...change }
}
