import type { Plugin } from 'vite'

/** Every letter grows with `--text`, the size that the person set (`src/core/textsize.ts`): styles go on naming pixels. */
export function growingText(): Plugin {
  return {
    name: 'growing-text',
    enforce: 'pre',
    transform(code, id) {
      if (!id.includes('/src/') || !/\.css($|\?)|type=style/.test(id)) return null
      return code.replace(/font-size: (\d+)px/g, 'font-size: calc($1px * var(--text, 1))')
    },
  }
}
