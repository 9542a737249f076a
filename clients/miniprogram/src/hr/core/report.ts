import type { Schemas } from '@/api/client'
import { language } from '@/core/i18n'
import { ApiProblem } from '@/core/problem'
import { staffApi } from './session'

export type Report = Schemas['ReportDocument']
export type Answer = Report['answers'][number]

/** What there is of an interview: a report, or in words why there is none yet. */
export interface Found {
  interview: Schemas['InterviewDetailOut']
  report: Report | null
  notYet: ApiProblem | null
}

const WAITS = ['report_not_ready', 'decided_without_score']

/** An interview with its report. Every call is one view in the audit log. */
export async function findReport(id: string): Promise<Found> {
  const params = { interview_id: id }
  const interview = await staffApi().get('/api/v1/interviews/{interview_id}', { params })
  try {
    const report = await staffApi().get('/api/v1/interviews/{interview_id}/report', { params, query: { lang: language() } })
    return { interview, report, notYet: null }
  } catch (error) {
    if (!(error instanceof ApiProblem) || !WAITS.includes(error.code)) throw error
    return { interview, report: null, notYet: error }
  }
}

/** The answers to show: those of the report, and without one those that were handed in, as far as they can be watched. */
export function answersOf({ interview, report }: Found): Answer[] {
  if (report) return report.answers
  const shown: Answer[] = []
  interview.questions.forEach((question, at) => {
    const take = question.answer.takes.find((one) => one.id === question.answer.take_id)
    if (!take || take.medium === 'text') return
    shown.push({
      answer_id: take.id, take_id: take.id, number: at + 1, question_id: question.id, question: question.text, medium: take.medium as Answer['medium'],
      medium_label: '', duration_ms: null, sentences: [], no_transcript: null, missing: [], moments: [],
    })
  })
  return shown
}

/** Question numbers by answer. */
export function numbersOf(answers: Answer[]): Record<string, number> {
  return Object.fromEntries(answers.map((one) => [one.answer_id, one.number]))
}
