/**
 * A REST upstream, broken or hostile, that answers with hundreds of thousands of values that do not
 * fit: within the largest answer that it may send, a failure for each would fill the heap and end
 * the process. Each gateway runs in a thread with a small heap, which such an end takes with it.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';

const count = 400_000;
const many = (item: string): string => `[${`${item},`.repeat(count - 1)}${item}]`;
const answers = [
  { name: 'numbers for objects', body: many('0') },
  { name: 'nulls in a list', body: many('null') },
  { name: 'objects without what they must have', body: many('{}') },
  { name: 'numbers that no JSON can hold', body: many('{"id":"1","extra":1e999}') },
  { name: 'nulls among opaque values', body: `[{"id":"1","notes":${many('null')}}]` },
  { name: 'objects with values of another type', body: many('{"id":0.5,"tags":[0,0]}') },
];
const cases = (['compiled', 'reference'] as const).flatMap((engine) =>
  answers.map(({ name, body }) => ({ name: `${engine}: ${name}`, given: { engine, body } })),
);

it.each(cases)('$name', { timeout: 60_000 }, async ({ given }) => {
  const worker = new Worker(new URL('./rest-misfit-flood.ts', import.meta.url), {
    workerData: given,
    resourceLimits: { maxOldGenerationSizeMb: 320 },
  });
  const [answer] = await once(worker, 'message');
  await worker.terminate();
  expect(answer).toEqual({
    data: { people: null },
    errors: [expect.objectContaining({ path: ['people'] })],
  });
});
