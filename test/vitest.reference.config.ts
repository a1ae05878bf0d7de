import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { apart } from './apart.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** They run with both engines anyway. */
const withBoth = [
  'caches-hold-no-data',
  'foreign-key-value',
  'other-path-key',
  'rest-misfit-flood',
  'step-up-shared',
  'two-rows-fail',
  'unsendable-key',
];
/** What they are about happens before an engine is asked, after it has answered, or without one. */
const withNone = [
  'alert-address',
  'alert-texts',
  'alert-webhook',
  'answer-text',
  'api-keys',
  'audit-same-name',
  'audit-tampering',
  'batch-lost-entry',
  'batch-turns',
  'blocked-network',
  'body-size',
  'caller-texts',
  'certificates-of-providers',
  'certificates-replaced',
  'client-certificate',
  'console',
  'csrf-content-type',
  'detection-evasion',
  'foreign-host',
  'forwarded-at-length',
  'framing-in-doubt',
  'get-mutation',
  'hang-up-flood',
  'headers-thrown-away',
  'introspection-flood',
  'introspection-at-length',
  'leaf-variables',
  'overload',
  'persisted-off',
  'provider-address',
  'rates-second-lock',
  'replay-at-another-worker',
  'reset-before-read',
  'rest-form',
  'rest-hostile-body',
  'rest-path-traversal',
  'rest-pattern-work',
  'rounded-claims',
  'second-lock-wide',
  'shared-path-segment',
  'slow-readers',
  'socket-floods',
  'spoofed-address',
  'subject-named-like-client',
  'terminal',
  'tls-handshake',
  'token-bound',
  'token-cached',
  'token-claims',
  'token-forged',
  'token-issuers',
  'token-keys',
  'token-opaque',
  'token-revoked',
  'trusted-documents',
  'turned-away',
  'unread-requests',
  'upstream-address',
  'upstream-dedupe-leak',
  'upstream-header-forwarding',
  'upstream-hostile-data',
  'upstream-hostile-http',
  'upstream-key-poisoning',
  'upstream-keyed-batch',
  'upstream-moved',
  'upstream-texts',
  'upstream-wire',
  'vanished-policies',
  'weak-keys',
  'withdrawn-operation',
];
const never = [...withBoth, ...withNone].map((name) => `test/attacks/${name}.test.ts`);

/** What must be true whatever the engine, with the reference engine. */
export default defineConfig({
  root,
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    // One for each core; vitest leaves one of them idle.
    maxWorkers: availableParallelism(),
    env: { TEST_ENGINE: 'reference' },
    testTimeout: 30_000,
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'apart',
          include: apart.filter((file) => file.startsWith('test/attacks/')),
          exclude: never,
        },
      },
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
