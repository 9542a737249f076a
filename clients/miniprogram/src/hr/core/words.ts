import { addWords, type Words } from '@/core/i18n'

/** HR's words, one file per domain (`hr.<domain>.<key>`): they come with HR's pages and not with the candidate's. */
const chinese = import.meta.glob<Words>('../locale/zh-CN/*.json', { eager: true, import: 'default' })
const english = import.meta.glob<Words>('../locale/en/*.json', { eager: true, import: 'default' })

/** {domain: words} of files by their path. */
export function byDomain(files: Record<string, Words>): Words {
  return Object.fromEntries(Object.entries(files).map(([path, words]) => [path.replace(/^.*\/|\.json$/g, ''), words]))
}

addWords('hr', { 'zh-CN': byDomain(chinese), en: byDomain(english) })
