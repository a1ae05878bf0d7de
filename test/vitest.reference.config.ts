import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** They run with both engines anyway. */
const never = [
  'test/attacks/caches-hold-no-data.test.ts',
  'test/attacks/foreign-key-value.test.ts',
  'test/attacks/rest-misfit-flood.test.ts',
  'test/attacks/two-rows-fail.test.ts',
];
/** These change modules, clocks or the process, or measure it: each has one of its own. */
const apart = [
  'alert-address',
  'alert-webhook',
  'answer-text',
  'api-keys',
  'caller-disconnect',
  'certificates-of-providers',
  'console',
  'first-lock',
  'hostile-documents',
  'introspection-at-length',
  'operation-timeout',
  'provider-address',
  'rates-long-identity',
  'shadow-rates',
  'unread-requests',
  'upstream-hostile-http',
  'upstream-moved',
].map((name) => `test/attacks/${name}.test.ts`);

/** What must be true whatever the engine, with the reference engine. */
export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    // One for each core; vitest leaves one of them idle.
    maxWorkers: availableParallelism(),
    env: { TEST_ENGINE: 'reference' },
    testTimeout: 30_000,
    pool: 'forks',
    projects: [
      { extends: true, test: { name: 'apart', include: apart, exclude: never } },
      {
        extends: true,
        test: {
          name: 'together',
          include: [
            'test/attacks/**/*.test.ts',
            'test/authz-field-filter.test.ts',
            'test/engine/test-engine.test.ts',
            'test/e2e/graphql-over-http.test.ts',
            'test/e2e/clients.test.ts',
          ],
          exclude: [...never, ...apart],
          isolate: false,
        },
      },
    ],
  },
});
