import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

/** Pictures that uni-app's own styles would fetch from elsewhere: nothing of ours leaves the product. */
const withoutForeign = (css: string) => css.replace(/url\(["']?https?:[^)]*\)/g, 'none')
const TEXT = /\.(?:js|css|html|json|svg)$/

/** Removes foreign addresses from styles and leaves a `.gz` beside every text file of the build, so that the product serves it small without work per request. */
export function finish(): Plugin {
  let folder = ''
  return {
    name: 'weimian:finish',
    apply: 'build',
    enforce: 'post',
    configResolved(config) {
      folder = config.build.outDir
    },
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type === 'asset' && file.fileName.endsWith('.css')) file.source = withoutForeign(String(file.source))
      }
    },
    async closeBundle() {
      const names = await readdir(folder, { recursive: true })
      for (const name of names.filter((one) => TEXT.test(one))) {
        const path = join(folder, name)
        await writeFile(`${path}.gz`, gzipSync(await readFile(path), { level: 9 }))
      }
    },
  }
}
