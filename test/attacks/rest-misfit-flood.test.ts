/**
 * A REST upstream, broken or hostile, that answers with hundreds of thousands of values that do not
 * fit: within the largest answer that it may send, a failure for each would fill the heap and end
 * the process. Each engine runs in a process with a small heap, which such an end takes with it.
 */
import { expect, it } from 'vitest';
import { answerOfProcess } from '../support/answer-of-process.ts';

const floods = [
  { name: 'numbers for objects', item: '0' },
  { name: 'nulls in a list', item: 'null' },
  { name: 'objects without what they must have', item: '{}' },
  { name: 'numbers that no JSON can hold', item: '{"id":"1","extra":1e999}' },
  {
    name: 'nulls among opaque values',
    item: 'null',
    within: ['[{"id":"1","notes":', '}]'],
  },
  { name: 'objects with values of another type', item: '{"id":0.5,"tags":[0,0]}' },
];

it.each(['compiled', 'reference'])(
  'the %s engine answers each that it failed',
  { timeout: 120_000 },
  async (engine) => {
    const module = new URL('./rest-misfit-flood.ts', import.meta.url);
    const answers = await answerOfProcess(module, { heapMb: 320, given: { engine, floods } });
    const failed = {
      data: { people: null },
      errors: [expect.objectContaining({ path: ['people'] })],
    };
    expect(answers).toEqual(floods.map(({ name }) => ({ name, ...failed })));
  },
);
