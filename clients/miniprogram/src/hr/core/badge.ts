import { ref } from 'vue'
import type { Schemas } from '@/api/client'
import { findStaff, staffApi } from './session'

/** How many things wait for the signed-in person: the number on the inbox's tab. */
export const badge = ref<Schemas['AlertCountsOut'] | null>(null)

/** Ask again; without a network the number stays as it was. */
export async function refreshBadge(): Promise<void> {
  if (!findStaff()) {
    badge.value = null
    return
  }
  try {
    badge.value = await staffApi().get('/api/v1/alerts/counts')
  } catch (error) {
    console.warn('the badge stays as it was', error)
  }
}
