import { has, language, t } from './i18n'

const two = (value: number) => String(value).padStart(2, '0')

/** A moment on the clock of this device, never broken between two lines: 11月22日 周六 20:00 / Sat 22 Nov, 20:00. */
export function clock(moment: string | Date): string {
  const date = new Date(moment)
  const weekday = t(`weekdays.${date.getDay()}`)
  const month = t(`months.${date.getMonth() + 1}`)
  return t('time.moment', { month, day: date.getDate(), weekday, time: timeOfDay(date) }).replace(/ /g, '\u00a0').replace(/[月日周]/g, '\u2060$&\u2060')
}

export function timeOfDay(moment: string | Date): string {
  const date = new Date(moment)
  return `${two(date.getHours())}:${two(date.getMinutes())}`
}

export function dayOf(moment: Date): string {
  return t('time.day', { month: t(`months.${moment.getMonth() + 1}`), day: moment.getDate(), weekday: t(`weekdays.${moment.getDay()}`) })
}

/** The name of this device's time zone: its place where that is known, and its distance from UTC. */
export function zone(): string {
  const minutes = -new Date().getTimezoneOffset()
  const sign = minutes < 0 ? '−' : '+'
  const hours = Math.floor(Math.abs(minutes) / 60)
  const rest = Math.abs(minutes) % 60
  const offset = minutes === 0 ? 'UTC' : `UTC${sign}${hours}${rest ? `:${two(rest)}` : ''}`
  return place() && place() !== 'UTC' ? `${zoneName(place())} · ${offset}` : offset
}

/** A time zone (IANA) as people call it, else by its place: 北京时间; Europe/Berlin. */
export function zoneName(name: string): string {
  return has(`zones.${name}`) ? t(`zones.${name}`) : name.replace(/_/g, ' ').replace(/\//g, '/\u200b')
}

/** This device's time zone by its name (IANA); empty where the platform does not tell. */
export function place(): string {
  return (typeof Intl === 'object' && Intl.DateTimeFormat(language()).resolvedOptions().timeZone) || ''
}

/** 1:05 */
export function minutes(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`
}

/** 3.4 MB; 12 KB */
export function bytes(count: number): string {
  return count >= 1024 * 1024 ? `${(count / 1024 / 1024).toFixed(1)} MB` : `${Math.ceil(count / 1024)} KB`
}

/** Half hours that begin inside the window and not in the past, by day (a local date's beginning). */
export function slots(startsAt: string, endsAt: string, now: Date, stepMinutes = 30): Map<number, Date[]> {
  const step = stepMinutes * 60_000
  const days = new Map<number, Date[]>()
  const first = Math.max(new Date(startsAt).getTime(), now.getTime())
  const last = new Date(endsAt).getTime()
  for (let at = Math.ceil(first / step) * step; at < last && days.size <= 31; at += step) {
    const day = new Date(at)
    day.setHours(0, 0, 0, 0)
    days.set(day.getTime(), [...(days.get(day.getTime()) ?? []), new Date(at)])
  }
  return days
}
