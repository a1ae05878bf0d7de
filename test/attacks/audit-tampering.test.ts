/**
 * Somebody who can write to the audit directory wants a record gone or changed. What the chain, the
 * signed checkpoints and an anchor outside find, and where they say it is; and what they cannot
 * find, which stands in gateway/audit.md.
 */
import { hash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lineHash, readLink, toLine } from '../../gateway/watch/audit-log/chain-line.ts';
import { readAnchors } from '../../gateway/watch/audit-log/read-anchors.ts';
import { AuditTampered } from '../../gateway/watch/audit-log/recover.ts';
import { checkpointsName, startName } from '../../gateway/watch/audit-log/segment-names.ts';
import { readNotes } from '../../gateway/watch/audit-log/signed-note.ts';
import {
  filesOf,
  linesOf,
  newDirectory,
  openLog,
  verify,
  writeLog,
} from '../watch/audit-log/log-rig.ts';

let directory = '';
let files: string[] = [];
let genuine = '';

/** Some hundred records in several segments, each with a checkpoint every twenty. */
beforeAll(async () => {
  genuine = await mkdtemp(join(tmpdir(), 'fieldgate-audit-'));
  await writeLog(genuine, { records: 120, per: 10, checkpointRecords: 20, rotateBytes: 9_000 });
  files = await filesOf(genuine, '.ndjson');
  expect(files.length).toBeGreaterThan(2);
  expect((await verify(genuine)).ok).toBe(true);
});
afterAll(() => rm(genuine, { recursive: true, force: true }));

beforeEach(async () => {
  directory = await newDirectory();
  await cp(genuine, directory, { recursive: true });
});

const second = () => files[1] ?? '';
const firstSeqOf = (file: string) => Number(file.slice(0, 16));

async function change(file: string, edit: (lines: string[]) => string[]): Promise<void> {
  const path = join(directory, file);
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
  await writeFile(
    path,
    edit(lines)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

/** The places of all problems, with the file without its directory. */
async function found(options: Parameters<typeof verify>[1] = {}) {
  const { problems } = await verify(directory, options);
  return problems.map(({ code, file, line, seq }) => ({
    code,
    file: file.slice(directory.length + 1),
    line,
    seq,
  }));
}

const relink = (lines: string[], from: number): string[] => {
  const linked = [...lines];
  for (let at = from; at < linked.length; at += 1) {
    const prev = hash('sha256', linked[at - 1] ?? '', 'base64url');
    linked[at] = (linked[at] ?? '').replace(/"prev":"[^"]*"/, `"prev":"${prev}"`);
  }
  return linked;
};

describe('what the same key signed for another log', () => {
  it.each([startName, checkpointsName])('is told in the place of its own: %o', async (nameOf) => {
    const other = await newDirectory();
    await writeLog(other, { records: 120, per: 10, checkpointRecords: 20, rotateBytes: 9_000 });
    expect(await filesOf(other, '.ndjson')).toEqual(files);
    const name = nameOf(firstSeqOf(second()));
    await cp(join(other, name), join(directory, name));
    const problems = await found();
    expect(problems[0]).toMatchObject({ code: 'bad-signature', file: name });
    expect(problems.map(({ code }) => code)).not.toContain('chain-broken');
    expect(problems.map(({ code }) => code)).not.toContain('root-mismatch');
  });
});

describe('one record', () => {
  it('is edited', async () => {
    await change(second(), (lines) =>
      lines.map((line, at) => (at === 4 ? line.replace('"r-', '"r-9') : line)),
    );
    expect((await found())[0]).toEqual({
      code: 'chain-broken',
      file: second(),
      line: 5,
      seq: firstSeqOf(second()) + 4,
    });
  });

  it('is edited, and is the last of a segment', async () => {
    let last = 0;
    await change(second(), (lines) => {
      last = lines.length;
      return lines.map((line, at) =>
        at === last - 1 ? line.replace('"time":1', '"time":2') : line,
      );
    });
    const [problem] = await found();
    expect(problem?.code).toBe('root-mismatch');
    expect(problem?.seq).toBeLessThanOrEqual(firstSeqOf(second()) + last - 1);
    expect(problem?.file).toBe(second());
  });

  it('is deleted', async () => {
    await change(second(), (lines) => lines.toSpliced(4, 1));
    expect((await found())[0]).toEqual({
      code: 'records-missing',
      file: second(),
      line: 5,
      seq: firstSeqOf(second()) + 4,
    });
  });

  it('is deleted and the rest numbered and linked anew', async () => {
    await change(second(), (lines) => {
      const first = firstSeqOf(second());
      const numbered = lines
        .toSpliced(4, 1)
        .map((line, at) => line.replace(/"seq":\d+/, `"seq":${first + at}`));
      return relink(numbered, 4);
    });
    const codes = (await found()).map(({ code }) => code);
    expect(codes[0]).toBe('root-mismatch');
    // The next segment still follows the record that is gone.
    expect(codes).toContain('records-missing');
  });

  it('changes places with the next', async () => {
    await change(second(), (lines) => lines.with(4, lines[5] ?? '').with(5, lines[4] ?? ''));
    const problems = await found();
    expect(problems.slice(0, 2)).toEqual([
      { code: 'records-missing', file: second(), line: 5, seq: firstSeqOf(second()) + 4 },
      { code: 'out-of-order', file: second(), line: 6, seq: firstSeqOf(second()) + 4 },
    ]);
  });

  it('is added', async () => {
    await change(second(), (lines) => lines.toSpliced(4, 0, lines[4] ?? ''));
    expect((await found())[0]).toMatchObject({ code: 'out-of-order', file: second(), line: 6 });
  });

  it('is edited and the chain recomputed to the end of the log', async () => {
    const at = files.indexOf(second());
    let prev = '';
    for (const [index, file] of files.entries()) {
      if (index < at) continue;
      await change(file, (lines) => {
        const edited =
          index === at ? lines.with(4, (lines[4] ?? '').replace('"r-', '"r-9')) : lines;
        const first =
          index === at
            ? edited
            : edited.with(0, (edited[0] ?? '').replace(/"prev":"[^"]*"/, `"prev":"${prev}"`));
        const linked = relink(first, index === at ? 5 : 1);
        prev = hash('sha256', linked.at(-1) ?? '', 'base64url');
        return linked;
      });
    }
    const [problem] = await found();
    expect(problem).toMatchObject({ code: 'root-mismatch', file: second() });
    // Located between two checkpoints, that is to twenty records or so.
    expect(problem?.seq).toBeLessThanOrEqual(firstSeqOf(second()) + 4);
    expect((problem?.seq ?? 0) + 40).toBeGreaterThan(firstSeqOf(second()) + 4);
  });

  it('loses its place in the chain', async () => {
    await change(second(), (lines) =>
      lines.with(4, (lines[4] ?? '').replace('"chain"', '"brain"')),
    );
    expect((await found())[0]).toMatchObject({ code: 'no-link', file: second(), line: 5 });
  });

  it('brings a false place in a text of its own', async () => {
    const forged = '"x":"\\"chain\\":{\\"id\\":\\"a\\",\\"seq\\":5,\\"prev\\":\\"\\"}}}}"';
    await change(second(), (lines) => lines.with(4, `{${forged}}`));
    expect((await found())[0]).toMatchObject({ code: 'no-link', line: 5 });
  });
});

describe('segments and checkpoints', () => {
  it('a segment is deleted', async () => {
    await unlink(join(directory, second()));
    expect((await found()).map(({ code }) => code)).toContain('records-missing');
  });

  it('the first segments are deleted with all that belongs to them', async () => {
    for (const ending of ['ndjson', 'start', 'checkpoints']) {
      await unlink(join(directory, `${files[0]?.slice(0, 16)}.${ending}`));
    }
    expect(await found()).toEqual([
      expect.objectContaining({ code: 'beginning-missing', file: files.at(-1) }),
    ]);
  });

  it('the lines of the last segment are deleted: what was signed about them is found', async () => {
    const last = files.at(-1) ?? '';
    await unlink(join(directory, last));
    const first = firstSeqOf(last);
    expect(await found()).toEqual([
      { code: 'truncated', file: last.replace('ndjson', 'checkpoints'), line: 1, seq: first },
    ]);
    // Nor is the log continued: that would write over it.
    await expect(openLog(directory)).rejects.toThrow(AuditTampered);
    expect((await found()).length).toBe(1);
  });

  it('the last two are deleted but for what the very last stood on', async () => {
    for (const file of files.slice(-2)) {
      await unlink(join(directory, file));
      await unlink(join(directory, file.replace('ndjson', 'checkpoints')));
    }
    const [second = '', last = ''] = files.slice(-2);
    const first = firstSeqOf(second);
    expect(await found()).toEqual([
      { code: 'truncated', file: last.replace('ndjson', 'start'), line: 1, seq: first },
    ]);
    await expect(openLog(directory)).rejects.toThrow(AuditTampered);
  });

  it('all lines are deleted', async () => {
    for (const file of files) await unlink(join(directory, file));
    expect((await found())[0]).toMatchObject({ code: 'truncated', seq: 1 });
    await expect(openLog(directory)).rejects.toThrow(AuditTampered);
  });

  it('the first are deleted, and a retention that nobody signed is said to have done it', async () => {
    const [first = '', ...others] = files;
    for (const ending of ['ndjson', 'start', 'checkpoints']) {
      await unlink(join(directory, first.replace('ndjson', ending)));
    }
    const through = firstSeqOf(others[0] ?? '') - 1;
    await change(files.at(-1) ?? '', (lines) => {
      const before = lines.at(-1) ?? '';
      const link = readLink(Buffer.from(before));
      if (link === undefined) throw new Error('the last line has no place');
      const event = JSON.stringify({ unmapped: { gateway: { retired: { through } } } });
      const prev = lineHash(before);
      return [...lines, toLine(event, { id: link.id, seq: link.seq + 1, prev })];
    });
    expect(await found()).toEqual([expect.objectContaining({ code: 'beginning-missing', seq: 1 })]);
  });

  it('the checkpoints of a segment are deleted', async () => {
    await unlink(join(directory, second().replace('ndjson', 'checkpoints')));
    expect(await found()).toEqual([
      expect.objectContaining({ code: 'checkpoint-missing', file: second() }),
    ]);
  });

  it('a checkpoint is edited', async () => {
    const file = join(directory, second().replace('ndjson', 'checkpoints'));
    const text = await readFile(file, 'utf8');
    const [note] = readNotes(text).notes;
    await writeFile(file, text.replace(`\n${note?.size}\n`, `\n${(note?.size ?? 0) - 1}\n`));
    expect((await found())[0]).toMatchObject({ code: 'bad-signature' });
  });

  it('what a segment stands on is made up', async () => {
    const file = join(directory, second().replace('ndjson', 'start'));
    const start = JSON.parse(await readFile(file, 'utf8'));
    const range = start.range.map(() => Buffer.alloc(32, 7).toString('base64'));
    await writeFile(file, JSON.stringify({ ...start, range }));
    expect((await found())[0]).toMatchObject({ code: 'bad-signature' });
  });

  it('everything is forged with another key', async () => {
    const forged = await newDirectory();
    const { generateKeyPairSync } = await import('node:crypto');
    const signingKey = generateKeyPairSync('ed25519').privateKey;
    await writeLog(forged, { records: 120, per: 10, signingKey });
    const { ok, problems } = await verify(forged);
    expect(ok).toBe(false);
    expect(new Set(problems.map(({ code }) => code))).toEqual(new Set(['bad-signature']));
  });
});

describe('the tail', () => {
  /** Everything after a checkpoint is cut off, so that log and checkpoints agree again. */
  async function cut(): Promise<{ kept: number; anchors: ReturnType<typeof readAnchors> }> {
    const last = files.at(-1) ?? '';
    const all = readAnchors((await linesOf(directory)).join('\n'));
    const checkpoints = join(directory, last.replace('ndjson', 'checkpoints'));
    const { notes } = readNotes(await readFile(checkpoints, 'utf8'));
    await writeFile(checkpoints, '');
    const kept = firstSeqOf(last) - 1;
    await truncate(join(directory, last), 0);
    expect(notes.length).toBeGreaterThan(0);
    return { kept, anchors: [...all, ...notes] };
  }

  it('is cut off at a checkpoint: found by a later one from outside, and located', async () => {
    const { kept, anchors } = await cut();
    const problems = await found({ anchors: anchors.filter(({ size }) => size > kept) });
    expect(problems[0]).toMatchObject({ code: 'truncated', file: files.at(-1), seq: kept + 1 });
  });

  it('is cut off at a checkpoint: not found without one', async () => {
    await cut();
    expect(await found()).toEqual([]);
  });

  it('is cut off before a checkpoint: found by that', async () => {
    const last = files.at(-1) ?? '';
    await change(last, (lines) => lines.slice(0, 2));
    expect((await found())[0]).toMatchObject({
      code: 'truncated',
      file: last,
      seq: firstSeqOf(last) + 2,
    });
  });

  it('is cut off after it was sent on: found by the cursor', async () => {
    const { kept } = await cut();
    await writeFile(join(directory, 'cursor.json'), JSON.stringify({ seq: kept + 3 }));
    expect((await found())[0]).toMatchObject({ code: 'truncated', seq: kept + 1 });
  });

  it('an anchor with a false signature proves nothing', async () => {
    const [anchor] = readAnchors((await linesOf(directory)).join('\n'));
    const text = (anchor?.text ?? '').replace(/\n\d+\n/, '\n999999\n');
    const anchors = readNotes(text).notes;
    expect((await found({ anchors }))[0]?.code).toBe('bad-signature');
  });
});
