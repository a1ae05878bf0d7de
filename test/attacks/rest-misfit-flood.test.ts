/**
 * A REST upstream, broken or hostile, that answers with hundreds of thousands of values that do not
 * fit: within the largest answer that it may send, a failure for each would fill the heap and end
 * the process. Each gateway runs in a thread with a small heap, which such an end takes with it.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';

const count = 400_000;
const items = [
  { name: 'numbers for objects', item: '0' },
  { name: 'nulls in a list', item: 'null' },
  { name: 'objects without what they must have', item: '{}' },
  { name: 'numbers that no JSON can hold', item: '{"id":"1","extra":1e999}' },
  { name: 'objects with values of another type', item: '{"id":0.5,"tags":[0,0]}' },
];
const cases = (['compiled', 'reference'] as const).flatMap((engine) =>
  items.map(({ name, item }) => ({ name: `${engine}: ${name}`, given: { engine, item } })),
);

it.each(cases)('$name', { timeout: 60_000 }, async ({ given }) => {
  const worker = new Worker(new URL('./rest-misfit-flood.ts', import.meta.url), {
    workerData: { ...given, count },
    resourceLimits: { maxOldGenerationSizeMb: 320 },
  });
  const [body] = await once(worker, 'message');
  await worker.terminate();
  expect(body).toEqual({
    data: { people: null },
    errors: [expect.objectContaining({ path: ['people'] })],
  });
});
