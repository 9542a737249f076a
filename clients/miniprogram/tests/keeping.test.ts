import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Schemas } from '@/api/client'
import type { KeptTake } from '@/platform/types'

const kept = new Map<string, KeptTake>()
const told: string[] = []
const vault = {
  takes: async () => [...kept.values()],
  updateTake: async (id: string, change: Partial<KeptTake>) => void kept.set(id, { ...kept.get(id)!, ...change }),
}
vi.mock('@platform', () => ({ platform: () => ({ scope: '', vault }) }))
vi.mock('@/core/app', () => ({ uploads: () => ({ forget: async (id: string) => void kept.delete(id) }) }))
vi.mock('@/core/notices', () => ({ leaveNotice: (_token: string, notice: { code: string }) => void told.push(notice.code) }))
const answers = new Map<string, string>()
vi.mock('@/core/session', () => ({
  publicApi: () => ({
    get: async (_path: string, { params }: { params: { token: string } }) => {
      const code = answers.get(params.token)
      if (code === 'offline') throw new TypeError('no network')
      if (code) throw new ApiProblem(410, code, '', '', '')
      return {}
    },
  }),
}))
const { ApiProblem } = await import('@/core/problem')
const { dropClosed, isUnusable, settleKept } = await import('@/core/keeping')

type Answer = Schemas['CandidateInterviewOut']['questions'][number]['answer']
const keep = (change: Partial<KeptTake> = {}) =>
  kept.set('mine', { id: 'mine', token: 'T', questionId: 'q1', medium: 'video', serverId: 'second', confirmed: false, ...change })

function interview(status: string, takes: [id: string, status: string][], change: Partial<Answer> = {}): Schemas['CandidateInterviewOut'] {
  const latest = takes[takes.length - 1]![1]
  const answer = { status: latest, take_id: 'first', reopened: false, takes: takes.map(([id, is]) => ({ id, status: is })), ...change }
  return { status, questions: [{ id: 'q1', answer }] } as unknown as Schemas['CandidateInterviewOut']
}

describe('what lies here of an invitation that is over', () => {
  beforeEach(() => {
    kept.clear()
    answers.clear()
    told.splice(0)
  })

  it.each(['invitation_cancelled', 'invitation_declined', 'candidate_erased'])('is removed also where no session is left to ask with (%s)', async (code) => {
    keep({ elsewhere: 'answered' })
    kept.set('other', { ...kept.get('mine')!, id: 'other', token: 'U' })
    answers.set('T', code)
    await dropClosed()
    expect([...kept.keys()]).toEqual(['other'])
    expect(told).toEqual([code])
  })

  it.each(['invitation_expired', 'invitation_unknown', 'offline'])('stays while it may be of use (%s)', async (code) => {
    keep()
    answers.set('T', code)
    await dropClosed()
    expect([...kept.keys()]).toEqual(['mine'])
  })
})

describe('what lies on this device beside what the server has', () => {
  beforeEach(() => {
    kept.clear()
    told.splice(0)
  })

  it.each(['in_progress', 'finished', 'scored'])('keeps a recording that replaces an unusable one while it leaves (%s)', async (status) => {
    const seen = interview(status, [['first', 'unusable'], ['second', 'recording']])
    for (const confirmed of [false, true]) {
      keep({ confirmed })
      await settleKept('T', seen)
      expect([...kept.values()]).toMatchObject([{ serverId: 'second', confirmed }])
      expect(kept.get('mine')!.elsewhere).toBeUndefined()
    }
    expect(told).toEqual([])
    expect(isUnusable(seen.questions[0]!.answer)).toBe(true)
  })

  it('asks when another device answered, and removes it when the interview was handed in', async () => {
    keep()
    await settleKept('T', interview('in_progress', [['second', 'recording'], ['first', 'submitted']]))
    expect(kept.get('mine')!.elsewhere).toBe('answered')
    await settleKept('T', interview('finished', [['second', 'recording'], ['first', 'analysed']]))
    expect(kept.size).toBe(0)
    expect(told).toEqual(['interview_finished'])
  })

  it('leaves alone what counts already, and what may be answered once more', async () => {
    keep({ serverId: 'first' })
    await settleKept('T', interview('finished', [['first', 'submitted']]))
    keep()
    await settleKept('T', interview('in_progress', [['first', 'submitted'], ['second', 'recording']], { reopened: true }))
    expect([...kept.values()]).toMatchObject([{ id: 'mine' }])
    expect(kept.get('mine')!.elsewhere).toBeUndefined()
  })
})
