import { reactive } from 'vue'
import { platform } from '@platform'

/** Something that happened to a recording while nobody looked: told until the candidate says that they have read it. */
export interface Notice {
  questionId: string
  code: string
}

const shown = reactive<Record<string, Notice[]>>({})
const keyOf = (token: string) => `${platform().scope}notices:${token}`

export function noticesOf(token: string): Notice[] {
  const known = shown[token] ?? ((uni.getStorageSync(keyOf(token)) as Notice[]) || [])
  shown[token] = known
  return known
}

export function leaveNotice(token: string, notice: Notice): void {
  const others = noticesOf(token).filter((one) => one.questionId !== notice.questionId || one.code !== notice.code)
  keep(token, [...others, notice])
}

export function dismissNotices(token: string): void {
  keep(token, [])
}

function keep(token: string, notices: Notice[]): void {
  shown[token] = notices
  if (notices.length) uni.setStorageSync(keyOf(token), notices)
  else uni.removeStorageSync(keyOf(token))
}
