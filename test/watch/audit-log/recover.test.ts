/** What a start makes of lines behind the last one that links on: kept beside the log, not in it. */
import { createHash, randomBytes } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
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

describe('a last line that was torn', () => {
  // Read in pieces of 64 KiB, blocks of 1 MiB, and no line longer than 16 MiB.
  const sizes: readonly { name: string; torn: Buffer }[] = [
    { name: 'within the first piece', torn: Buffer.from('{"time":1') },
    { name: 'at a border of pieces', torn: Buffer.alloc(65_536, 'x') },
    { name: 'beyond several pieces', torn: randomBytes(200_001) },
    { name: 'beyond several blocks', torn: Buffer.alloc(3_000_001, 'x') },
    { name: 'longer than any line', torn: Buffer.alloc(20_000_000) },
  ];
  it.each(sizes)('$name is kept whole, told of, and the log goes on', async ({ torn }) => {
    const directory = await newDirectory();
    await writeLog(directory, { records: 5 });
    const [file = ''] = await filesOf(directory, '.ndjson');
    await appendFile(join(directory, file), torn);
    await writeLog(directory, { records: 1, clock: () => 42 });
    const kept = await readFile(join(directory, `${file}.torn-42`));
    expect(kept.equals(torn)).toBe(true);
    const sha256 = createHash('sha256').update(torn).digest('hex');
    const told = (await linesOf(directory)).filter((line) => line.includes(sha256));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(`"bytes":${torn.length}`);
    expect((await requestsOf(directory)).length).toBe(6);
    expect(await verify(directory)).toMatchObject({ ok: true });
  });
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
