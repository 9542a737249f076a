import { ref } from 'vue'
import { platform } from '@platform'
import { apiOf } from './session'

const LOOK_MS = 20_000
const keyOf = (token: string) => `${platform().scope}thread:${token}`

/** How many posts of the thread were read here; only who wrote or read one is told of an answer. */
export function markRead(token: string, posts: number): void {
  if (posts) uni.setStorageSync(keyOf(token), posts)
}

/** Whether the company answered in the thread while another page is open. */
export function useReplies() {
  const fresh = ref(false)
  let timer: ReturnType<typeof setInterval> | undefined

  async function look(token: string): Promise<void> {
    const read = (uni.getStorageSync(keyOf(token)) as number) || 0
    if (!read) return
    const { posts } = await apiOf(token).get('/api/v1/candidate/thread')
    fresh.value = posts.length > read && posts[posts.length - 1]?.author === 'company'
  }

  function watchFor(token: string): void {
    stop()
    const quietly = () => void look(token).catch((error) => console.warn('thread', error))
    quietly()
    timer = setInterval(quietly, LOOK_MS)
  }

  function stop(): void {
    clearInterval(timer)
  }

  return { fresh, watchFor, stop }
}
