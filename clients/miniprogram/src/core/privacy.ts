import { reactive } from 'vue'
import { asking } from './attempts'

/** What WeChat asks before it opens camera or microphone: our own pop-up, its button, and the answer handed back. */
const state = reactive<{ asking: boolean }>({ asking: false })
let waiting: ((agreed: boolean) => void)[] = []

/** Show the pop-up on the page that is open; true when the person agreed. */
export function askPrivacy(): Promise<boolean> {
  state.asking = true
  return asking(new Promise((done) => waiting.push(done)))
}

export function isAskingPrivacy(): boolean {
  return state.asking
}

export function answerPrivacy(agreed: boolean): void {
  state.asking = false
  waiting.splice(0).forEach((done) => done(agreed))
}
