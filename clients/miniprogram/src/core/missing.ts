import { t } from './i18n'

/**
 * What is still to be filled in before something can be sent, in words; empty when nothing is missing. `parts` are the labels
 * of what has to be there, each with what is there.
 */
export function missingOf(parts: Record<string, unknown>): string {
  const missing = Object.keys(parts).filter((label) => !parts[label])
  return missing.length ? t('common.missing', { what: missing.join(t('common.between')) }) : ''
}
