import { computed, ref, watch } from 'vue'
import { platform } from '@platform'
import type { Schemas } from '@/api/client'
import type { KeptSegment, KeptTake } from '@/platform/types'
import { fresh, SHORTEST_MS, step, type Answering, type Event, type Limits, type Medium } from './answering'
import { uploads, watchers } from './app'
import { newId } from './ids'
import { apiOf } from './session'

type Interview = Schemas['CandidateInterviewOut']
type Question = Interview['questions'][number]
const TICK_MS = 200

/** Carries the answer's state machine out: recorder, vault, uploads and the server, one question after another. */
export function useInterview(nextQuestion: () => Promise<void>) {
  const interview = ref<Interview>()
  const question = ref<Question>()
  const limits = ref<Limits>({ thinkMs: 0, answerMs: 0 })
  const state = ref<Answering>(fresh('video', limits.value, 0))
  const sources = ref<string[]>([])
  const text = ref('')
  /** Questions whose answer is confirmed but not with the server yet. */
  const waiting = ref<string[]>([])
  const number = computed(() => 1 + (interview.value?.questions.findIndex((one) => one.id === question.value?.id) ?? 0))
  const left = computed(() => waiting.value.length)
  let token = ''
  let take: KeptTake | null = null
  let lastTick = 0
  let ending = false
  let leftAt: number | null = null
  let told: (error: unknown) => void = () => {}
  let timer: ReturnType<typeof setInterval> | undefined

  const api = () => apiOf(token)
  const draftKey = () => `${platform().scope}draft:${token}:${question.value?.id}`
  const thinkKey = () => `${platform().scope}think:${token}:${question.value?.id}`

  async function open(ofToken: string, wanted: string | null): Promise<void> {
    token = ofToken
    interview.value = await api().post('/api/v1/candidate/interview')
    await show(wanted)
    clearInterval(timer)
    watchers.add(watchPage)
    lastTick = Date.now()
    timer = setInterval(tick, TICK_MS)
    void uploads().run()
  }

  /** Answers that arrived meanwhile. */
  async function refresh(): Promise<void> {
    interview.value = await api().get('/api/v1/candidate/interview')
    await countWaiting()
    if (!question.value) await show(null)
  }

  async function countWaiting(): Promise<KeptTake[]> {
    const mine = (await platform().vault.takes()).filter((one) => one.token === token)
    waiting.value = mine.filter((one) => one.confirmed).map((one) => one.questionId)
    return mine
  }

  /** The wanted question, else the first that still needs an answer; none when all are handed in. */
  async function show(wanted: string | null): Promise<void> {
    const kept = await countWaiting()
    const needs = (one: Question) => one.answer.take_id === null || one.answer.status === 'unusable'
    const open = (interview.value?.questions ?? []).filter((one) => needs(one) && !waiting.value.includes(one.id))
    const found = open.find((one) => one.id === wanted) ?? open[0]
    question.value = found
    take = null
    sources.value = []
    if (!found) return
    limits.value = { thinkMs: remainingThinkMs(found), answerMs: found.max_seconds * 1000 }
    text.value = (uni.getStorageSync(draftKey()) as string) || ''
    const medium = (found.media as Medium[])[0] ?? 'video'
    state.value = fresh(text.value ? 'text' : medium, limits.value, found.answer.takes_left)
    await nextQuestion()
    await findKept(kept.find((one) => one.questionId === found.id && !one.confirmed))
  }

  /** What a reload or a crash left of this question: nothing of it is lost but the slice being recorded then. */
  async function findKept(found: KeptTake | undefined): Promise<void> {
    if (!found) return
    for (const segment of await platform().vault.segments(found.id)) {
      if (!segment.closed) await platform().vault.putSegment({ ...segment, closed: true })
    }
    take = found
    const recordedMs = await recorded()
    if (recordedMs < SHORTEST_MS) return throwAway()
    state.value = { ...state.value, medium: found.medium, takesLeft: Math.max(0, state.value.takesLeft - (found.serverId ? 0 : 1)) }
    await showRecorded()
    send({ kind: 'found', recordedMs })
  }

  function send(event: Event): void {
    state.value = step(state.value, event, limits.value)
  }

  /** The time to think runs once, over reloads too. */
  function begin(): void {
    if (state.value.medium !== 'text' && !uni.getStorageSync(thinkKey())) uni.setStorageSync(thinkKey(), Date.now())
    send({ kind: 'begin' })
    // The picture appears while one thinks; a refusal is told now and not when it is time to speak.
    if (state.value.phase === 'thinking') void openRecorder().catch((error) => (send({ kind: 'back' }), told(error)))
  }

  function remainingThinkMs(found: Question): number {
    question.value = found
    const began = uni.getStorageSync(thinkKey()) as number
    return Math.max(0, found.think_seconds * 1000 - (began ? Date.now() - began : 0))
  }

  /** The page went out of sight or came back while an answer is recorded. */
  function watchPage(inSight: boolean): void {
    tick()
    if (!inSight) leftAt = state.value.phase === 'recording' ? state.value.recordedMs : null
    else if (leftAt !== null && take && state.value.recordedMs > leftAt) {
      const away = { start_ms: Math.round(leftAt), end_ms: Math.round(state.value.recordedMs) }
      take.leftPage = [...(take.leftPage ?? []), away]
      void platform().vault.updateTake(take.id, { leftPage: take.leftPage })
    }
    if (inSight) leftAt = null
  }

  function tick(): void {
    const now = Date.now()
    send({ kind: 'tick', ms: now - lastTick })
    lastTick = now
  }

  async function openRecorder(): Promise<void> {
    await nextQuestion() // the page has drawn the place of the picture
    await platform().recorder.open(state.value.medium as 'video' | 'voice')
  }

  async function record(): Promise<void> {
    try {
      await openRecorder()
      if (!take || state.value.recordedMs === 0) await beginTake()
      const before = await platform().vault.segments(take!.id)
      const startsAtMs = before.reduce((sum, one) => sum + one.durationMs, 0)
      await platform().recorder.start(emptySegment(take!.id, before.length, startsAtMs), () => void stop(true))
      lastTick = Date.now()
      send({ kind: 'recorder-ready' })
    } catch (error) {
      send({ kind: 'recorder-failed' })
      told(error)
    }
  }

  async function beginTake(): Promise<void> {
    if (take) await throwAway()
    const medium = state.value.medium as 'video' | 'voice'
    take = { id: newId(), token, questionId: question.value!.id, medium, serverId: null, confirmed: false }
    await platform().vault.putTake(take)
  }

  async function stop(interrupted: boolean): Promise<void> {
    if (ending || !['recording', 'stopping'].includes(state.value.phase)) return
    ending = true
    try {
      await platform().recorder.stop()
    } catch (error) {
      told(error)
    }
    const recordedMs = await recorded()
    const goesOn = interrupted && platform().name === 'mp-weixin' && limits.value.answerMs - recordedMs >= SHORTEST_MS
    if (recordedMs >= SHORTEST_MS) await showRecorded()
    else await throwAway()
    send({ kind: 'recorder-stopped', recordedMs, interrupted })
    void uploads().run()
    ending = false
    if (goesOn) send({ kind: 'continue' }) // WeChat's camera records two minutes at a time
    else platform().recorder.close()
  }

  async function handIn(): Promise<void> {
    if (!take) return
    await platform().vault.updateTake(take.id, { confirmed: true })
    platform().recorder.close()
    void uploads().run()
    await show(null)
  }

  /** A written answer goes at once; the draft stays until the server has it. */
  async function write(): Promise<void> {
    const words = text.value.trim()
    const key = `${draftKey()}:key`
    const idempotencyKey = (uni.getStorageSync(key) as string) || newId()
    uni.setStorageSync(key, idempotencyKey)
    const params = { question_id: question.value!.id }
    const body = { medium: 'text' as const, text: words }
    const made = await api().post('/api/v1/candidate/answers/{question_id}/takes', body, { params, idempotencyKey: digest(idempotencyKey, words) })
    await api().post('/api/v1/candidate/takes/{take_id}/submit', {}, { params: { take_id: made.id } })
    uni.removeStorageSync(draftKey())
    uni.removeStorageSync(key)
    interview.value = await api().get('/api/v1/candidate/interview')
    await show(null)
  }

  async function finish(): Promise<void> {
    interview.value = await api().post('/api/v1/candidate/interview/finish')
  }

  async function recorded(): Promise<number> {
    if (!take) return 0
    const segments = await platform().vault.segments(take.id)
    return segments.filter((one) => one.bytes > 0).reduce((sum, one) => sum + one.durationMs, 0)
  }

  async function showRecorded(): Promise<void> {
    const segments = await platform().vault.segments(take!.id)
    sources.value = await Promise.all(segments.filter((one) => one.bytes > 0).map((one) => platform().vault.playable(one)))
  }

  async function throwAway(): Promise<void> {
    if (take) await uploads().forget(take.id)
    take = null
    sources.value = []
  }

  function close(): void {
    clearInterval(timer)
    watchers.delete(watchPage)
    if (state.value.phase === 'recording') void stop(true)
    else if (interview.value) platform().recorder.close()
  }

  watch(
    () => state.value.phase,
    (phase) => {
      if (phase === 'starting') void record()
      if (phase === 'stopping') void stop(false)
      if (phase === 'handed') void handIn().catch((error) => told(error))
    },
  )
  watch(text, (words) => question.value && uni.setStorageSync(draftKey(), words))

  return { interview, question, state, limits, number, sources, text, left, open, refresh, send, begin, write, finish, close, onTrouble: (tell: (error: unknown) => void) => (told = tell) }
}

function emptySegment(takeId: string, number: number, startsAtMs: number): KeptSegment {
  return { takeId, number, startsAtMs, durationMs: 0, type: '', bytes: 0, closed: false, uploadUrl: null, offset: 0, path: null }
}

/** The same words are the same request; other words are another one. */
function digest(key: string, words: string): string {
  let hash = 5381
  for (const letter of words) hash = (hash * 33 + letter.codePointAt(0)!) >>> 0
  return `${key}-${hash.toString(36)}-${words.length}`
}
