import { computed, ref, watch } from 'vue'
import { platform } from '@platform'
import type { Schemas } from '@/api/client'
import { DeviceError, type KeptSegment, type KeptTake } from '@/platform/types'
import { fresh, SHORTEST_MS, step, type Answering, type Event, type Limits, type Medium } from './answering'
import { uploads, watchers } from './app'
import { newId } from './ids'
import { changesOf, isUnusable, settleKept } from './keeping'
import { now } from './moment'
import { ApiProblem } from './problem'
import { verdictOfRoom, type RoomVerdict } from './room'
import { apiOf } from './session'
import { clock } from './time'

type Interview = Schemas['CandidateInterviewOut']
type Question = Interview['questions'][number]
const TICK_MS = 200
/** How often the server is asked whether the company changed something (milliseconds). */
const LOOK_MS = 20_000
/** Phases in which a new state of the interview may be taken over: nothing is being recorded. */
const CALM = new Set(['reading', 'writing', 'review'])

/** Carries the answer's state machine out: recorder, vault, uploads and the server, one question after another. */
export function useInterview(nextQuestion: () => Promise<void>) {
  const interview = ref<Interview>()
  const question = ref<Question>()
  const limits = ref<Limits>({ thinkMs: 0, answerMs: 0 })
  const state = ref<Answering>(fresh('video', limits.value, 0))
  const sources = ref<string[]>([])
  const text = ref('')
  const room = ref<RoomVerdict>({ state: 'enough', seconds: Infinity })
  /** The window's end has passed: what was begun goes on, nothing new is begun. */
  const over = ref(false)
  /** The invitation was taken back: nothing is answered any more. */
  const withdrawn = ref(false)
  /** What the company changed while the page was open. */
  const changes = ref<{ key: string; params: Record<string, string> }[]>([])
  /** Questions whose answer is confirmed but not with the server yet. */
  const waiting = ref<string[]>([])
  const asked = computed(() => (interview.value?.questions ?? []).filter((one) => !one.warm_up))
  const number = computed(() => 1 + asked.value.findIndex((one) => one.id === question.value?.id))
  const left = computed(() => waiting.value.length)
  let token = ''
  let take: KeptTake | null = null
  let lastTick = 0
  let lookedAt = 0
  let ending = false
  let leftAt: number | null = null
  let told: (error: unknown) => void = () => {}
  let timer: ReturnType<typeof setInterval> | undefined

  const api = () => apiOf(token)
  const keyOf = (what: string) => `${platform().scope}${what}:${token}:${question.value?.id}`
  const draftKey = () => keyOf('draft')
  const thinkKey = () => keyOf('think')
  const writeKey = () => keyOf('write')
  const skipKey = (one: Question) => `${platform().scope}skip:${token}:${one.id}:${one.answer.take_id ?? ''}`

  async function open(ofToken: string, wanted: string | null): Promise<void> {
    token = ofToken
    interview.value = await startOrFind()
    await settleKept(token, interview.value)
    await show(wanted)
    clearInterval(timer)
    watchers.add(watchPage)
    lastTick = platform().elapsed()
    lookedAt = lastTick
    timer = setInterval(tick, TICK_MS)
    void uploads().run()
  }

  /** An interview that was begun is shown even when its window is over: what lies here still has to leave. */
  async function startOrFind(): Promise<Interview> {
    return (await isBegun()) ? api().get('/api/v1/candidate/interview') : api().post('/api/v1/candidate/interview')
  }

  /** One that is closed may have been begun: asking for it tells. */
  async function isBegun(): Promise<boolean> {
    try {
      return ['started', 'finished'].includes((await api().get('/api/v1/candidate/invitation')).status)
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 410) return true
      throw error
    }
  }

  /** Answers that arrived meanwhile, and what the company changed: other media, another end, a question opened again. */
  async function refresh(): Promise<void> {
    const before = interview.value
    const [found, gone] = await Promise.all([api().get('/api/v1/candidate/interview'), isGone()])
    interview.value = found
    if (gone && !(question.value && !CALM.has(state.value.phase))) withdrawn.value = true
    const changed = before ? changesOf(before, found, clock) : []
    changes.value = [...changes.value.filter((one) => changed.every((other) => other.key !== one.key)), ...changed]
    if (question.value && !CALM.has(state.value.phase)) return
    await settleKept(token, found)
    await countWaiting()
    const same = found.questions.find((one) => one.id === question.value?.id)
    if (!same || (state.value.phase === 'reading' && !needs(same))) return show(null)
    question.value = same
    if (state.value.phase === 'reading') follow(same)
  }

  /** Whether the invitation was taken back or declined; what is merely late may still arrive. */
  async function isGone(): Promise<boolean> {
    try {
      await api().get('/api/v1/candidate/invitation')
      return false
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 410) return error.code !== 'invitation_expired'
      throw error
    }
  }

  function follow(found: Question): void {
    limits.value = { thinkMs: remainingThinkMs(found), answerMs: found.max_seconds * 1000 }
    const media = found.media as Medium[]
    const medium = media.includes(state.value.medium) ? state.value.medium : (media[0] ?? 'video')
    state.value = fresh(medium, limits.value, found.answer.takes_left)
  }

  /** Look without disturbing: whoever has no network now is told by the uploads. */
  async function look(): Promise<void> {
    lookedAt = platform().elapsed()
    await refresh().catch((error) => console.warn('refresh', error))
  }

  async function countWaiting(): Promise<KeptTake[]> {
    const mine = (await platform().vault.takes()).filter((one) => one.token === token)
    waiting.value = mine.filter((one) => one.confirmed).map((one) => one.questionId)
    return mine
  }

  function needs(one: Question): boolean {
    const { answer } = one
    if ((one.warm_up || answer.reopened) && uni.getStorageSync(skipKey(one))) return false
    return answer.take_id === null || isUnusable(answer) || answer.reopened
  }

  /** Nobody has to warm up, nor to answer again what was answered and opened once more. */
  async function skip(): Promise<void> {
    uni.setStorageSync(skipKey(question.value!), true)
    await show(null)
  }

  /** The wanted question, else the first that still needs an answer; none when all are handed in. */
  async function show(wanted: string | null): Promise<void> {
    const kept = await countWaiting()
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
    await findKept(kept.find((one) => one.questionId === found.id && !one.confirmed && !one.elsewhere))
    await measureRoom()
  }

  async function measureRoom(): Promise<RoomVerdict> {
    const medium = state.value.medium
    room.value = verdictOfRoom(await platform().room(), medium, limits.value.answerMs - state.value.recordedMs)
    return room.value
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
    const key = state.value.medium === 'text' ? writeKey() : thinkKey()
    if (!uni.getStorageSync(key)) uni.setStorageSync(key, now())
    send({ kind: 'begin' })
    // The picture appears while one thinks; a refusal is told now and not when it is time to speak.
    if (state.value.phase === 'thinking') void openRecorder().catch((error) => (send({ kind: 'back' }), told(error)))
  }

  function remainingThinkMs(found: Question): number {
    question.value = found
    const began = uni.getStorageSync(thinkKey()) as number
    const thoughtMs = began ? Math.max(0, now() - began) : 0
    return Math.max(0, found.think_seconds * 1000 - thoughtMs)
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
    if (!inSight) return
    leftAt = null
    void look()
  }

  function tick(): void {
    const moment = platform().elapsed()
    send({ kind: 'tick', ms: Math.max(0, moment - lastTick) })
    lastTick = moment
    over.value = interview.value !== undefined && now() >= Date.parse(interview.value.window_ends_at)
    if (moment - lookedAt > LOOK_MS) void look()
  }

  async function openRecorder(): Promise<void> {
    await nextQuestion() // the page has drawn the place of the picture
    await platform().recorder.open(state.value.medium as 'video' | 'voice')
  }

  async function record(): Promise<void> {
    try {
      if ((await measureRoom()).state === 'full') throw new DeviceError('storage')
      await openRecorder()
      if (!take || state.value.recordedMs === 0) await beginTake()
      const before = await platform().vault.segments(take!.id)
      const startsAtMs = before.reduce((sum, one) => sum + one.durationMs, 0)
      await platform().recorder.start(emptySegment(take!.id, before.length, startsAtMs), () => void stop(true))
      lastTick = platform().elapsed()
      send({ kind: 'recorder-ready' })
    } catch (error) {
      send({ kind: 'recorder-failed' })
      told(error)
    }
  }

  async function beginTake(): Promise<void> {
    if (take) await throwAway()
    const medium = state.value.medium as 'video' | 'voice'
    take = { id: newId(), token, questionId: question.value!.id, medium, serverId: null, confirmed: false, begunAt: begunAt() }
    await platform().vault.putTake(take)
  }

  /** When this answer was begun; after the window's end, when the candidate began to think about it. */
  function begunAt(): number {
    const thought = uni.getStorageSync(thinkKey()) as number
    return over.value && thought ? thought : now()
  }

  async function stop(interrupted: boolean): Promise<void> {
    if (ending || !['recording', 'stopping'].includes(state.value.phase)) return
    ending = true
    const clockMs = state.value.recordedMs
    let trouble: unknown = null
    try {
      await platform().recorder.stop()
    } catch (error) {
      trouble = error
    }
    const recordedMs = await recorded()
    const more = interrupted && platform().name === 'mp-weixin' && limits.value.answerMs - recordedMs >= SHORTEST_MS
    if (recordedMs >= SHORTEST_MS) await showRecorded()
    else {
      await throwAway()
      trouble ??= new DeviceError(clockMs >= 2 * SHORTEST_MS ? 'failed' : 'short')
    }
    send({ kind: 'recorder-stopped', recordedMs, interrupted })
    void uploads().run()
    ending = false
    const full = (await measureRoom()).state === 'full'
    if (more && !full && !trouble) return send({ kind: 'continue' }) // WeChat's camera records two minutes at a time
    platform().recorder.close()
    if (trouble || (more && full)) told(trouble ?? new DeviceError('storage'))
  }

  async function handIn(): Promise<void> {
    if (!take) return
    await platform().vault.updateTake(take.id, { confirmed: true })
    platform().recorder.close()
    void uploads().run()
    await show(null)
  }

  /** A written answer goes at once; the draft stays until the server has it. `instead`: of what another device handed in. */
  async function write(instead = false): Promise<void> {
    const words = text.value.trim()
    const key = `${draftKey()}:key`
    const idempotencyKey = (uni.getStorageSync(key) as string) || newId()
    uni.setStorageSync(key, idempotencyKey)
    const params = { question_id: question.value!.id }
    const begun = (uni.getStorageSync(writeKey()) as number) || now()
    const body = { medium: 'text' as const, text: words, begun_at: new Date(begun).toISOString(), instead }
    const made = await api().post('/api/v1/candidate/answers/{question_id}/takes', body, { params, idempotencyKey })
    await api().post('/api/v1/candidate/takes/{take_id}/submit', { instead }, { params: { take_id: made.id } })
    forgetDraft()
    interview.value = await api().get('/api/v1/candidate/interview')
    await show(null)
  }

  function forgetDraft(): void {
    const question = draftKey()
    for (const key of [question, `${question}:key`, writeKey()]) uni.removeStorageSync(key)
  }

  /** What another device handed in stays; the words written here go. */
  async function keepOther(): Promise<void> {
    forgetDraft()
    text.value = ''
    send({ kind: 'back' })
    await refresh()
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
      if (phase === 'handed') void handIn().catch((error) => (send({ kind: 'hand-in-failed' }), told(error)))
    },
  )
  watch(
    () => state.value.medium,
    () => void measureRoom().catch(() => undefined),
  )
  watch(text, (words) => question.value && uni.setStorageSync(draftKey(), words))

  const shown = { interview, question, asked, state, limits, number, sources, text, left, room, over, withdrawn, changes }
  const done = { open, refresh, look, send, begin, write, keepOther, skip, finish, close }
  return { ...shown, ...done, onTrouble: (tell: (error: unknown) => void) => (told = tell) }
}

function emptySegment(takeId: string, number: number, startsAtMs: number): KeptSegment {
  return { takeId, number, startsAtMs, durationMs: 0, type: '', bytes: 0, closed: false, uploadUrl: null, offset: 0, path: null }
}
