import { svelte } from '@sveltejs/vite-plugin-svelte'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const page = (name: string) => fileURLToPath(new URL(name, import.meta.url))

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'es2022',
    // The polyfill would be of use only to browsers older than the target.
    modulePreload: { polyfill: false },
    // The content security policy takes no data: addresses for styles and scripts.
    assetsInlineLimit: 0,
    rollupOptions: { input: { index: page('index.html'), signin: page('signin.html') } },
  },
  // `npm run dev` shows the sources against a running box.
  server: { proxy: { '/api': { target: 'https://localhost:8443', secure: false, ws: true, changeOrigin: true } } },
})
