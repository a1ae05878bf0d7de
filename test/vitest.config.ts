import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { apart } from './apart.ts';
import { LongestFirst } from './longest-first.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
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
      { extends: true, test: { name: 'apart', include: apart, exclude: never } },
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: [...never, ...apart],
          isolate: false,
        },
      },
    ],
  },
});
