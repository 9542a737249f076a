import { ref } from 'vue'
import { platform } from '@platform'

/** What can be chosen; every page is tested with the largest. */
export const SIZES = [1, 1.2, 1.4]
const KEPT = 'text-size'
const scale = ref(1)

/** What was chosen before, else what the person set on the device, as far as our pages go. */
export function initialTextSize(): void {
  const kept = Number(uni.getStorageSync(KEPT)) || platform().textScale()
  scale.value = Math.min(Math.max(kept, SIZES[0]!), SIZES[SIZES.length - 1]!)
}

/** The choice that is next to the present size. */
export function textSize(): number {
  return SIZES.reduce((best, one) => (Math.abs(one - scale.value) < Math.abs(best - scale.value) ? one : best))
}

export function chooseTextSize(chosen: number): void {
  scale.value = chosen
  uni.setStorageSync(KEPT, chosen)
}

/** The style of a page's outermost element: from there every letter grows (`build/text.ts`). */
export function textStyle(): string {
  return `--text: ${scale.value}`
}
