import { fileURLToPath } from 'node:url'
import uniPlugin from '@dcloudio/vite-plugin-uni'
import { defineConfig, type PluginOption } from 'vite'
import { finish } from './build/finish'
import { growingText } from './build/text'

// The plugin is CommonJS: depending on the loader its function is the module or the module's `default`.
const uni = ((uniPlugin as { default?: unknown }).default ?? uniPlugin) as () => PluginOption
const source = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url))
const target = process.env.UNI_PLATFORM === 'mp-weixin' ? 'mp-weixin' : 'h5'

export default defineConfig({
  // TypeScript does not see `#ifdef`, so what differs between platforms lies in one module per platform.
  resolve: { alias: { '@platform': source(`platform/${target}/index.ts`), '@': source('') } },
  plugins: [growingText(), uni(), target === 'h5' ? finish() : undefined],
  build: { sourcemap: false, target: 'es2018' },
})
