import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Tests that read documents kept beside the project, not in it. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/corpus/**/*.test.ts'],
    globalSetup: 'test/corpus/documents.ts',
    testTimeout: 120_000,
  },
});
