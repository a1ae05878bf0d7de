import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** What must be true whatever the engine, with the reference engine. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    // One for each core; vitest leaves one of them idle.
    maxWorkers: availableParallelism(),
    env: { TEST_ENGINE: 'reference' },
    include: [
      'test/attacks/**/*.test.ts',
      'test/authz-field-filter.test.ts',
      'test/engine/test-engine.test.ts',
      'test/e2e/graphql-over-http.test.ts',
      'test/e2e/clients.test.ts',
    ],
    // They run with both engines anyway.
    exclude: [
      'test/attacks/caches-hold-no-data.test.ts',
      'test/attacks/foreign-key-value.test.ts',
      'test/attacks/rest-misfit-flood.test.ts',
      'test/attacks/two-rows-fail.test.ts',
    ],
    testTimeout: 30_000,
    pool: 'forks',
  },
});
