/** What `check` says of large documents can be read, and leaves nothing out without a number. */
import { expect, test } from 'vitest';
import { toDocumentLines, toLines } from '../../gateway/cli/check/check-short.ts';

const many = (count: number, of: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => of(at));

test('the first fifty of one word, and how many more there are', () => {
  const short = toLines(
    'unlisted',
    many(50, (at) => `T.f${at}`),
  );
  expect(short).toHaveLength(50);
  const long = toLines(
    'unlisted',
    many(1_234, (at) => `T.f${at}`),
  );
  expect(long).toHaveLength(51);
  expect(long.at(-1)).toMatch(/^unlisted +and 1184 more: --json has all$/);
});

test('one note of many places is one line, and what is lost stands first', () => {
  const note = (operation: string, why: string, lost = false) => ({
    upstream: 'u',
    operation,
    why,
    lost,
  });
  const lines = toDocumentLines([
    ...many(200, (at) => `GET /${at}`).map((label) => note(label, 'a header')),
    note('GET /a', 'another'),
    note('POST /b', 'a file', true),
  ]);
  expect(lines.map((line) => line.replace(/^openapi +/, ''))).toEqual([
    'u: POST /b: a file (not in the graph)',
    'u: GET /0, GET /1, GET /2 and 197 more: a header',
    'u: GET /a: another',
  ]);
});
