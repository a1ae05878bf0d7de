/**
 * A REST upstream, broken or hostile, that answers with hundreds of thousands of values that do not
 * fit: within the largest answer that it may send, a failure for each would fill the heap and end
 * the process. Each gateway runs in a process with a small heap, which such an end takes with it.
 */
import { expect, it } from 'vitest';
import { answerOfProcess } from '../support/answer-of-process.ts';

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
  const answer = await answerOfProcess(new URL('./rest-misfit-flood.ts', import.meta.url), {
    heapMb: 320,
    given,
  });
  expect(answer).toEqual({
    data: { people: null },
    errors: [expect.objectContaining({ path: ['people'] })],
  });
});
