/** Which lines the forwarder sees: each complete one, once, whatever happens to the files. */
import { truncateSync, writeFileSync } from 'node:fs';
import { readFile, rm, truncate } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cursor } from '../../../gateway/watch/forward/cursor-file.ts';
import { createLineReader, type ReaderNotice } from '../../../gateway/watch/forward/line-reader.ts';
import { createSegmentWriter, type SegmentWriter, toLine } from './segment-writer.ts';

describe('reading the audit log from a cursor', () => {
  let log: SegmentWriter;
  let notices: ReaderNotice[];
  beforeEach(() => {
    log = createSegmentWriter();
    notices = [];
  });
  afterEach(() => log.remove());

  const reader = (start?: Cursor) =>
    createLineReader(log.directory, start, (notice) => notices.push(notice));
  /** Reads until nothing comes twice in a row: a rewind answers nothing once. */
  const drain = async (from: ReturnType<typeof reader>, bytes = 4_000) => {
    const seen: { text: string; after: Cursor }[] = [];
    for (let empty = 0; empty < 2; ) {
      const lines = await from.read(bytes);
      empty = lines.length === 0 ? empty + 1 : 0;
      seen.push(...lines.map((line) => ({ text: line.bytes.toString(), after: line.after })));
    }
    return seen;
  };
  const texts = (seen: readonly { text: string }[]) => seen.map(({ text }) => text);

  it('follows growth and rotation', async () => {
    const its = reader();
    expect(await drain(its)).toEqual([]);
    log.append(5);
    expect(texts(await drain(its))).toEqual(log.lines);
    log.append(3);
    log.rotate();
    log.append(4);
    expect(texts(await drain(its))).toEqual(log.lines.slice(5));
    expect(notices).toEqual([]);
    await its.close();
  });

  it.each(['zst', 'gz'] as const)('reads segments that became .%s', async (form) => {
    log.append(40);
    log.rotate();
    log.append(30);
    log.rotate();
    log.append(2);
    const its = reader();
    const first = (await its.read(4_000)).map(({ bytes }) => bytes.toString());
    await log.compress(1, form);
    await log.compress(41, form);
    const rest = await drain(its);
    expect([...first, ...texts(rest)]).toEqual(log.lines);
    const [inside] = rest.filter(({ after }) => after.seq === 45);
    const again = reader(inside?.after);
    expect(texts(await drain(again))).toEqual(log.lines.slice(45));
    expect(notices).toEqual([]);
    await Promise.all([its.close(), again.close()]);
  });

  it('prefers the plain segment: its copy may not be complete', async () => {
    log.append(3);
    writeFileSync(log.path(1, '.zst'), 'not yet');
    const its = reader();
    expect(texts(await drain(its))).toEqual(log.lines);
    await its.close();
  });

  it.each([
    { name: 'cut short', damage: (path: string) => truncateSync(path, 200) },
    { name: 'not compressed', damage: (path: string) => writeFileSync(path, 'plain text') },
  ])('does not pass over a compressed segment that is $name', async ({ damage }) => {
    log.append(200);
    log.rotate();
    log.append(1);
    await log.compress(1);
    damage(log.path(1, '.zst'));
    const its = reader();
    const all = async () => {
      for (let index = 0; index < 50; index += 1) await its.read(64_000);
    };
    await expect(all()).rejects.toThrow();
    await expect(all()).rejects.toThrow();
    await its.close();
  });

  it('leaves a torn tail until it is whole', async () => {
    log.append(2);
    const third = toLine(3);
    log.appendRaw(third.slice(0, 300));
    const its = reader();
    expect(texts(await drain(its))).toEqual(log.lines);
    log.appendRaw(`${third.slice(300)}\n`);
    expect(texts(await drain(its))).toEqual([third]);
    await its.close();
  });

  it('goes past a fragment at the end of a closed segment', async () => {
    log.append(2);
    log.appendRaw('{"metadata":');
    log.rotate();
    log.append(2);
    const its = reader();
    expect(texts(await drain(its))).toEqual(log.lines);
    expect(notices).toEqual([]);
    await its.close();
  });

  it('says where numbers are missing and goes on', async () => {
    log.append(2);
    log.appendRaw(`${toLine(5)}\n`);
    const its = reader();
    expect(await drain(its)).toHaveLength(3);
    expect(notices).toEqual([{ kind: 'gap', expected: 3, found: 5 }]);
    await its.close();
  });

  it('continues at the next segment when its own was deleted at the end', async () => {
    log.append(3);
    log.rotate();
    log.append(2);
    const { size } = { size: (await readFile(log.path(1))).length };
    await rm(log.path(1));
    const its = reader({ seq: 3, segment: 1, offset: size });
    expect(texts(await drain(its))).toEqual(log.lines.slice(3));
    expect(notices).toEqual([]);
    await its.close();
  });

  const doubts: readonly { name: string; cursor: Cursor }[] = [
    { name: 'past the end', cursor: { seq: 9, segment: 1, offset: 999_999 } },
    { name: 'in the middle of a line', cursor: { seq: 1, segment: 1, offset: 17 } },
    { name: 'at a line with another number', cursor: { seq: 2, segment: 1, offset: 0 } },
    { name: 'of a segment that never was', cursor: { seq: 70, segment: 60, offset: 5 } },
  ];
  it.each(doubts)('starts over with a cursor $name', async ({ cursor }) => {
    log.append(4);
    const its = reader(cursor);
    expect(texts(await drain(its))).toEqual(log.lines);
    expect(notices).toMatchObject([{ kind: 'rewound' }]);
    await its.close();
  });

  it('starts over when the segment shrinks behind it', async () => {
    log.append(4);
    const its = reader();
    await drain(its);
    await truncate(log.path(1), Buffer.byteLength(`${log.lines[0]}\n`));
    expect(texts(await drain(its))).toEqual(log.lines.slice(0, 1));
    expect(notices).toEqual([{ kind: 'rewound', seq: 4, segment: 1 }]);
    await its.close();
  });

  it('reads a line longer than what it asks for', async () => {
    log.append(1);
    log.appendRaw(
      `${toLine(2, `{"pad":"${'x'.repeat(700_000)}","unmapped":{"gateway":{"a":1}}}`)}\n`,
    );
    const its = reader();
    expect((await drain(its)).map(({ text }) => text.length > 700_000)).toEqual([false, true]);
    await its.close();
  });
});
