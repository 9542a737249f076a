import { ref } from 'vue'
import { platform } from '@platform'
import type { Schemas } from '@/api/client'
import { newId } from './ids'
import { apiOf, publicApi } from './session'
import { askAt, type Outcome, type Tap } from './subscriptions'

/** The templates are loaded with the page, so that a tap can ask at once (WeChat asks only while a tap is handled). */
export function useSubscriptions() {
  const offered = ref<Schemas['SubscriptionsOut']>({ templates: [], remaining: {} })
  let token = ''
  let appId = ''

  async function load(ofToken: string): Promise<void> {
    token = ofToken
    offered.value = await apiOf(token).get('/api/v1/candidate/subscriptions')
    if (offered.value.templates.length && !appId) {
      appId = (await publicApi().get('/api/v1/invitation-links/{token}', { params: { token } })).app_id
    }
  }

  /** What became of it never stands in the way: without consent the messages come by SMS. */
  async function ask(tap: Tap): Promise<Outcome> {
    try {
      return await askAt(tap, offered.value, appId, platform(), apiOf(token), newId())
    } catch (error) {
      console.warn('subscriptions', error)
      return 'unsupported'
    }
  }

  return { load, ask }
}
