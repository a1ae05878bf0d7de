/** What a start makes of lines behind the last one that links on: kept beside the log, not in it. */
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lineHash, readLink, toLine } from '../../../gateway/watch/audit-log/chain-line.ts';
import {
  filesOf,
  linesOf,
  newDirectory,
  requestsOf,
  toEvent,
  verify,
  writeLog,
} from './log-rig.ts';

interface Last {
  readonly line: string;
  readonly id: string;
  readonly seq: number;
}

const cases: readonly { name: string; given: (last: Last) => string }[] = [
  { name: 'a line without a place', given: () => '\0\0\0\0' },
  {
    name: 'a line of another chain',
    given: ({ line, seq }) =>
      toLine(toEvent('x'), { id: 'other', seq: seq + 1, prev: lineHash(line) }),
  },
  {
    name: 'a line after one that is missing',
    given: ({ line, id, seq }) => toLine(toEvent('x'), { id, seq: seq + 2, prev: lineHash(line) }),
  },
  {
    name: 'a line that follows another',
    given: ({ id, seq }) => toLine(toEvent('x'), { id, seq: seq + 1, prev: lineHash('other') }),
  },
  { name: 'the last line once more', given: ({ line }) => line },
];

it.each(cases)('$name', async ({ given }) => {
  const directory = await newDirectory();
  await writeLog(directory, { records: 5 });
  const line = (await linesOf(directory)).at(-1) ?? '';
  const link = readLink(Buffer.from(line));
  if (link === undefined) throw new Error('the last line has no place');
  const added = `${given({ line, id: link.id, seq: link.seq })}\n`;
  const [file = ''] = await filesOf(directory, '.ndjson');
  await appendFile(join(directory, file), added);
  expect((await verify(directory)).ok).toBe(false);
  await writeLog(directory, { records: 1, clock: () => 42 });
  expect(await readFile(join(directory, `${file}.torn-42`), 'utf8')).toBe(added);
  expect((await requestsOf(directory)).length).toBe(6);
  expect(await verify(directory)).toMatchObject({ ok: true });
});

it('a line that links on stays, signed or not', async () => {
  const directory = await newDirectory();
  await writeLog(directory, { records: 5 });
  const line = (await linesOf(directory)).at(-1) ?? '';
  const link = readLink(Buffer.from(line));
  if (link === undefined) throw new Error('the last line has no place');
  const next = toLine(toEvent('next'), { ...link, seq: link.seq + 1, prev: lineHash(line) });
  const [file = ''] = await filesOf(directory, '.ndjson');
  await appendFile(join(directory, file), `${next}\n`);
  await writeLog(directory, { records: 1 });
  expect((await requestsOf(directory)).length).toBe(7);
  expect(await verify(directory)).toMatchObject({ ok: true });
});
