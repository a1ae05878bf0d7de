/** What a field costs before anybody asks for it: a large API has tens of thousands of them. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';

it('thirty thousand fields stand in a small heap', { timeout: 60_000 }, async () => {
  const worker = new Worker(new URL('./openapi-large.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: 96 },
  });
  const [fields] = await once(worker, 'message');
  await worker.terminate();
  expect(fields).toBe(30_000);
});
