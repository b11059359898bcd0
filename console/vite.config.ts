import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// The bundle is committed and must come out the same everywhere: names are hashes of content, no source maps.
export default defineConfig({
  plugins: [svelte()],
  base: '/',
  build: {
    outDir: '../src/tocsin/web/static',
    emptyOutDir: true,
    sourcemap: false,
    license: { fileName: 'licences.md' },
    target: 'es2022',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
  },
  worker: { format: 'es' },
  server: { proxy: Object.fromEntries(['/api', '/ledger'].map((path) => [path, process.env.TOCSIN_URL ?? 'http://127.0.0.1:8799'])) },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
