import { platform } from '@platform'
import type { Schemas } from '@/api/client'
import { uploads } from './app'
import { leaveNotice } from './notices'
import { ApiProblem } from './problem'
import { publicApi } from './session'

/** Said of a link when nothing of its invitation can ever be used; a window that ended may be opened again. */
const CLOSED = new Set(['invitation_cancelled', 'invitation_declined', 'candidate_erased'])
type Interview = Schemas['CandidateInterviewOut']
type Answer = Interview['questions'][number]['answer']

/** Whether the recording that counts for an answer cannot be used, also while another one is on its way. */
export function isUnusable(answer: Answer): boolean {
  return answer.takes.some((one) => one.id === answer.take_id && one.status === 'unusable')
}

/**
 * Compares what lies on this device with what the server has: where another device answered, the candidate chooses; after the
 * interview was handed in elsewhere, what lies here is of no use any more, and the candidate is told.
 */
export async function settleKept(token: string, interview: Interview): Promise<void> {
  for (const take of await platform().vault.takes()) {
    if (take.token !== token) continue
    const answer = interview.questions.find((one) => one.id === take.questionId)?.answer
    if (!answer || isUnusable(answer) || answer.reopened || answer.take_id === null || answer.take_id === take.serverId) continue
    if (interview.status !== 'in_progress') {
      await uploads().forget(take.id)
      leaveNotice(token, { questionId: take.questionId, code: 'interview_finished' })
    } else if (!take.confirmed && !take.elsewhere) await platform().vault.updateTake(take.id, { elsewhere: 'answered' })
  }
}

/** Nothing of an invitation that was taken back or declined is of use: it is removed here, and the candidate told. */
export async function dropKept(token: string, code: string): Promise<void> {
  for (const take of await platform().vault.takes()) {
    if (take.token !== token) continue
    await uploads().forget(take.id)
    leaveNotice(token, { questionId: take.questionId, code })
  }
}

/**
 * Asks about every invitation that still has recordings here. A session that ended, or a recording that waits for the candidate's
 * choice, asks the server nothing by itself, so what was taken back meanwhile would stay on this device.
 */
export async function dropClosed(): Promise<void> {
  for (const token of new Set((await platform().vault.takes()).map((take) => take.token))) {
    try {
      await publicApi().get('/api/v1/invitation-links/{token}', { params: { token } })
    } catch (error) {
      if (error instanceof ApiProblem && CLOSED.has(error.code)) await dropKept(token, error.code)
    }
  }
}

/** What a new answer of the server changes for somebody who is in the middle of it: keys of words, with their values. */
export function changesOf(before: Interview, after: Interview, when: (moment: string) => string): { key: string; params: Record<string, string> }[] {
  const found: { key: string; params: Record<string, string> }[] = []
  if (before.window_ends_at !== after.window_ends_at) found.push({ key: 'changes.window', params: { until: when(after.window_ends_at) } })
  const was = new Map(before.questions.map((one) => [one.id, one]))
  if (after.questions.some((one) => one.media.join() !== was.get(one.id)?.media.join())) found.push({ key: 'changes.media', params: {} })
  const reopened = (one: Interview['questions'][number]) => one.answer.reopened && !was.get(one.id)?.answer.reopened
  if (after.questions.some(reopened)) found.push({ key: 'changes.reopened', params: {} })
  return found
}
