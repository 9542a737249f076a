import { t } from '@/core/i18n'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A length of time in one unit: minutes below two hours, hours below two days. */
export function lengthOf(ms: number): string {
  if (ms < MINUTE) return t('hr.board.now')
  if (ms < 2 * HOUR) return t('hr.board.minutes', { n: Math.floor(ms / MINUTE) })
  if (ms < 2 * DAY) return t('hr.board.hours', { n: Math.floor(ms / HOUR) })
  return t('hr.board.days', { n: Math.floor(ms / DAY) })
}

export function waited(since: string, now = Date.now()): string {
  return t('hr.board.waits', { time: lengthOf(now - Date.parse(since)) })
}

/** How long is left until a moment, or by how much it has passed. */
export function untilDue(due: string, now = Date.now()): string {
  const left = Date.parse(due) - now
  return left > 0 ? t('hr.board.due', { time: lengthOf(left) }) : t('hr.board.late', { time: lengthOf(-left) })
}

export type Due = 'overdue' | 'soon' | 'later'

export function dueGroup(due: string | null | undefined, now = Date.now()): Due {
  if (!due) return 'later'
  const left = Date.parse(due) - now
  return left <= 0 ? 'overdue' : left <= DAY ? 'soon' : 'later'
}
