import type { Vault } from './types'

/** Bytes of every recording that a vault keeps. */
export async function bytesIn(vault: Pick<Vault, 'takes' | 'segments'>): Promise<number> {
  const segments = await Promise.all((await vault.takes()).map((take) => vault.segments(take.id)))
  return segments.flat().reduce((sum, segment) => sum + segment.bytes, 0)
}
