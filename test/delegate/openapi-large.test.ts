/** What a field costs before anybody asks for it: a large API has tens of thousands of them. */
import { expect, it } from 'vitest';
import { answerOfProcess } from '../support/answer-of-process.ts';

it('thirty thousand fields stand in a small heap', { timeout: 60_000 }, async () => {
  const fields = await answerOfProcess(new URL('./openapi-large.ts', import.meta.url), {
    heapMb: 96,
  });
  expect(fields).toBe(30_000);
});
