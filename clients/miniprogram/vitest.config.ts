import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url))

export default defineConfig({
  resolve: { alias: { '@platform': source('platform/h5/index.ts'), '@': source('') } },
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
})
