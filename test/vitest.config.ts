import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './longest-first.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * These change nothing that another file could see, neither modules nor clocks nor the process: they
 * share a process and what it has loaded, which takes a third off their time.
 */
const together = [
  'test/{addresses,admit,authorize,caches,compiled,conditions,config,detect,files}/**/*.test.ts',
  'test/{cli,delegate,graph,identify,limits,plan,shape,snapshot,time}/**/*.test.ts',
];
/** Those of them that do. */
const exceptions = [
  'test/cli/audit-start.test.ts',
  'test/delegate/{transport,upstream-guard,upstream-tls}.test.ts',
];
const never = ['test/corpus/**', 'test/collector/**', '**/node_modules/**'];

export default defineConfig({
  root,
  // As Node resolves it: one graphql for our code and for the CommonJS packages beside it.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    // One for each core; vitest leaves one of them idle.
    maxWorkers: availableParallelism(),
    testTimeout: 30_000,
    sequence: { sequencer: LongestFirst },
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'apart',
          include: ['test/**/*.test.ts'],
          exclude: [...never, ...together],
        },
      },
      {
        extends: true,
        test: { name: 'exceptions', include: exceptions, exclude: never },
      },
      {
        extends: true,
        test: {
          name: 'together',
          include: together,
          exclude: [...never, ...exceptions],
          isolate: false,
        },
      },
    ],
  },
});
