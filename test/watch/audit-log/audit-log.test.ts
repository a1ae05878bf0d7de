/** The log as one who appends sees it: places in the chain, promises, files, restarts. */
import { generateKeyPairSync, hash } from 'node:crypto';
import {
  appendFile,
  chmod,
  mkdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { LogNews } from '../../../gateway/watch/audit-log/audit-log-options.ts';
import { AuditUnavailable } from '../../../gateway/watch/audit-log/commit-group.ts';
import { DirectoryLocked } from '../../../gateway/watch/audit-log/lock-file.ts';
import { AuditTampered } from '../../../gateway/watch/audit-log/recover.ts';
import { readNotes } from '../../../gateway/watch/audit-log/signed-note.ts';
import {
  appendAll,
  filesOf,
  linesOf,
  newDirectory,
  openLog,
  range,
  requestsOf,
  signingKey,
  toEvent,
  verify,
  writeLog,
} from './log-rig.ts';

describe('appending', () => {
  it('gives each event the next place, and each line the hash of the one before', async () => {
    const directory = await newDirectory();
    const log = await openLog(directory);
    const taken = range(1, 50).map((name) => log.append(toEvent(name)));
    expect(taken.map((one) => one.ok && one.seq)).toEqual(range(1, 50));
    await log.close();
    let prev = '';
    for (const [at, line] of (await linesOf(directory)).entries()) {
      const { chain } = JSON.parse(line).unmapped.gateway;
      expect(chain).toEqual({ id: expect.any(String), seq: at + 1, prev });
      prev = hash('sha256', line, 'base64url');
    }
    expect(await requestsOf(directory)).toEqual(range(1, 50).map(String));
    expect(await verify(directory)).toMatchObject({ ok: true, unsigned: 0 });
  });

  it.each(['batch', 'strict'] as const)(
    '%s: a line is in the file when its promise resolves',
    async (durability) => {
      const directory = await newDirectory();
      const log = await openLog(directory, { durability });
      for (const name of range(1, 5)) {
        const taken = log.append(toEvent(name));
        if (!taken.ok) throw new Error('refused');
        await taken.written;
        expect((await requestsOf(directory)).at(-1)).toBe(String(name));
      }
      await log.close();
    },
  );

  it('lets gather what nobody waits for, and writes it with the first that somebody does', async () => {
    const directory = await newDirectory();
    const log = await openLog(directory, { gatherMs: 2 ** 31 - 1 });
    log.append(toEvent(1));
    log.append(toEvent(2));
    expect(await requestsOf(directory)).toEqual([]);
    const third = log.append(toEvent(3));
    if (!third.ok) throw new Error('refused');
    await third.written;
    expect(await requestsOf(directory)).toEqual(['1', '2', '3']);
    log.append(toEvent(4));
    await log.close();
    expect(await requestsOf(directory)).toEqual(['1', '2', '3', '4']);
  });

  it('writes by itself what nobody waits for', async () => {
    const directory = await newDirectory();
    const log = await openLog(directory, { gatherMs: 1 });
    for (const name of range(1, 3)) {
      log.append(toEvent(name));
      while ((await requestsOf(directory)).length < name) await turn();
    }
    await log.close();
    expect(await requestsOf(directory)).toEqual(['1', '2', '3']);
  });

  it('does not let gather more than one write takes', async () => {
    const directory = await newDirectory();
    const log = await openLog(directory, { gatherMs: 2 ** 31 - 1 });
    const large = toEvent('x'.repeat(400_000));
    for (let nth = 0; nth < 4; nth += 1) log.append(large);
    while ((await requestsOf(directory)).length < 2) await turn();
    await log.close();
    expect(await requestsOf(directory)).toHaveLength(4);
  });

  it('shares one promise in a group, and makes it only when asked', async () => {
    const log = await openLog(await newDirectory());
    const [one, two] = [log.append(toEvent(1)), log.append(toEvent(2))];
    if (!one.ok || !two.ok) throw new Error('refused');
    expect(one.written).toBe(two.written);
    await log.close();
  });

  it.each([
    ['two lines', '{"a":1,\n"unmapped":{"gateway":{}}}'],
    ['no object', '[{}]'],
    ['another ending', '{"unmapped":{}}'],
  ])('refuses %s as a fault', async (_name, json) => {
    const log = await openLog(await newDirectory());
    expect(() => log.append(json)).toThrow(TypeError);
    await log.close();
  });

  it('links an event whose gateway part is empty', async () => {
    const directory = await newDirectory();
    const log = await openLog(directory);
    log.append('{"unmapped":{"gateway":{}}}');
    await log.close();
    expect(JSON.parse((await linesOf(directory))[0] ?? '').unmapped.gateway.chain.seq).toBe(1);
  });

  it('refuses what the buffer has no room for, and says afterwards how much that was', async () => {
    const directory = await newDirectory();
    const news: LogNews[] = [];
    const log = await openLog(directory, {
      bufferBytesMax: 1_000,
      report: (one) => news.push(one),
    });
    const taken = range(1, 30).map((name) => log.append(toEvent(name)).ok);
    const accepted = taken.filter((ok) => ok).length;
    expect(taken).toEqual(range(1, 30).map((name) => name <= accepted));
    expect(accepted).toBeLessThan(29);
    expect(news).toEqual([{ kind: 'full' }]);
    await log.flushed();
    await appendAll(log, ['later']);
    expect(news).toEqual([{ kind: 'full' }]);
    for (const name of range(31, 60)) log.append(toEvent(name));
    expect(news).toEqual([{ kind: 'full' }, { kind: 'full' }]);
    await log.close();
    const gap = (await linesOf(directory)).find((line) => line.includes('audit_gap')) ?? '{}';
    expect(JSON.parse(gap).unmapped.gateway.gap.count).toBe(30 - accepted);
    expect((await requestsOf(directory)).slice(accepted, accepted + 2)).toEqual(['later', '31']);
  });
});

describe('files', () => {
  it('belong to the owner alone', async () => {
    const directory = await newDirectory();
    await writeLog(join(directory, 'log'), { records: 3 });
    const modes = await Promise.all(
      [...(await filesOf(join(directory, 'log'))), '.'].map(
        async (name) => (await stat(join(directory, 'log', name))).mode & 0o777,
      ),
    );
    expect(modes).toEqual([...modes.slice(1).map(() => 0o600), 0o700]);
  });

  it.each(['zst', 'gz'] as const)(
    'rotate by size, are compressed (%s) and verify',
    async (compress) => {
      const directory = await newDirectory();
      await writeLog(directory, { records: 200, per: 20, rotateBytes: 8_000, compress });
      const names = (await filesOf(directory)).filter((name) => /ndjson/.test(name));
      expect(names.length).toBeGreaterThan(4);
      expect(names.filter((name) => name.endsWith('.ndjson')).length).toBe(1);
      expect(await verify(directory)).toMatchObject({ ok: true, unsigned: 0 });
    },
  );

  it('that cannot be compressed leave no half copy, which would take room from the log', async () => {
    const directory = await newDirectory();
    const news: LogNews[] = [];
    const report = (one: LogNews) => void news.push(one);
    const log = await openLog(directory, { rotateBytes: 6_000, compress: 'zst', report });
    // A folder that is not empty stands where the compressed copy belongs.
    await mkdir(join(directory, '0000000000000001.ndjson.zst/in-the-way'), { recursive: true });
    for (const from of [1, 21, 41]) await appendAll(log, range(from, from + 19));
    await log.close();
    expect(news.map(({ kind }) => kind)).toContain('housekeeping');
    expect(await filesOf(directory, '.partial')).toEqual([]);
    expect(await requestsOf(directory)).toHaveLength(60);
  });

  it('rotate by age', async () => {
    const directory = await newDirectory();
    let nowMs = 1_790_000_000_000;
    const log = await openLog(directory, { clock: () => nowMs, rotateMs: 3_600_000 });
    await appendAll(log, [1, 2]);
    nowMs += 3_600_000;
    await appendAll(log, [3]);
    await log.close();
    expect((await filesOf(directory, '.ndjson')).length).toBe(2);
    expect(await verify(directory)).toMatchObject({ ok: true });
  });
});

describe('checkpoints', () => {
  it('come by number of records and at the end, to the callback and into the log', async () => {
    const directory = await newDirectory();
    const notes: string[] = [];
    await writeLog(directory, {
      records: 60,
      per: 20,
      checkpointRecords: 20,
      onCheckpoint: (note) => notes.push(note),
    });
    const sizes = notes.map((note) => readNotes(note).notes[0]?.size ?? 0);
    expect(sizes.length).toBeGreaterThanOrEqual(3);
    const inLog = (await linesOf(directory)).flatMap((line) => {
      const note: unknown = JSON.parse(line).unmapped.gateway.checkpoint?.note;
      return typeof note === 'string' ? [note] : [];
    });
    expect(inLog).toEqual(notes);
    const [file = ''] = await filesOf(directory, '.checkpoints');
    const kept = readNotes(await readFile(join(directory, file), 'utf8')).notes;
    expect(kept.at(-1)?.size).toBe((await linesOf(directory)).length);
  });

  it('of each record are none because of their own', async () => {
    const directory = await newDirectory();
    const log = await openLog(directory, { checkpointRecords: 1, gatherMs: 0 });
    await appendAll(log, [1]);
    await expect.poll(() => log.status().nextSeq).toBe(3);
    for (let turn = 0; turn < 5; turn += 1) {
      await log.flushed();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(log.status().nextSeq).toBe(3);
    await appendAll(log, [2]);
    await log.close();
    expect(await verify(directory)).toMatchObject({ ok: true, unsigned: 0 });
  });

  it('that fail keep the log from taking records for a moment only', async () => {
    let isBroken = true;
    const log = await openLog(await newDirectory(), {
      checkpointRecords: 2,
      onCheckpoint: () => {
        if (isBroken) throw new Error('no checkpoint now');
      },
    });
    log.append(toEvent(1));
    log.append(toEvent(2));
    await expect.poll(() => log.status().failing).toBe('no checkpoint now');
    isBroken = false;
    await expect.poll(() => log.status().failing, { timeout: 5_000 }).toBeUndefined();
    await appendAll(log, [3]);
    await log.close();
  });

  it('come by age once something was written, and not because of their own record', async () => {
    const directory = await newDirectory();
    let nowMs = 1_790_000_000_000;
    const seen: string[] = [];
    let told: (() => void) | undefined;
    const log = await openLog(directory, {
      clock: () => nowMs,
      checkpointMs: 10_000,
      tickMs: 5,
      onCheckpoint: (note) => {
        seen.push(note);
        told?.();
      },
    });
    await appendAll(log, [1]);
    const first = new Promise<void>((resolve) => {
      told = resolve;
    });
    nowMs += 10_000;
    await first;
    for (let turn = 0; turn < 5; turn += 1) {
      nowMs += 10_000;
      await log.flushed();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(seen.length).toBe(1);
    await log.close();
  });
});

describe('a clock that is put back', () => {
  it('does not keep checkpoints and segments waiting', async () => {
    const directory = await newDirectory();
    let nowMs = 1_790_000_000_000;
    const checkpointed = Promise.withResolvers<void>();
    const log = await openLog(directory, {
      tickMs: 5,
      checkpointMs: 10_000,
      rotateMs: 60_000,
      clock: () => nowMs,
      onCheckpoint: () => checkpointed.resolve(),
    });
    await appendAll(log, [1]);
    nowMs -= 3_600_000;
    await checkpointed.promise;
    await log.close();
    expect(await verify(directory)).toMatchObject({ ok: true, unsigned: 0 });
    expect((await filesOf(directory, '.ndjson')).length).toBe(2);
  });
});

describe('starting again', () => {
  it('goes on with the next place in the same chain', async () => {
    const directory = await newDirectory();
    await writeLog(directory, { records: 5 });
    await writeLog(directory, { records: 5, rotateBytes: 1_000 });
    await writeLog(directory, { records: 5 });
    const places = (await linesOf(directory)).map(
      (line) => JSON.parse(line).unmapped.gateway.chain,
    );
    expect(places.map(({ seq }) => seq)).toEqual(range(1, places.length));
    expect(new Set(places.map(({ id }) => id)).size).toBe(1);
    expect(await verify(directory)).toMatchObject({ ok: true });
  });

  it('moves a torn tail aside, says so, and loses no whole line', async () => {
    const directory = await newDirectory();
    await writeLog(directory, { records: 5 });
    const [file = ''] = await filesOf(directory, '.ndjson');
    await appendFile(join(directory, file), '{"time":17900000');
    expect((await verify(directory)).problems.map(({ code }) => code)).toEqual(['torn-tail']);
    await writeLog(directory, { records: 1, clock: () => 42 });
    expect(await readFile(join(directory, `${file}.torn-42`), 'utf8')).toBe('{"time":17900000');
    const recovered = (await linesOf(directory)).find((line) => line.includes('audit_recovered'));
    expect(JSON.parse(recovered ?? '{}').unmapped.gateway.torn).toMatchObject({ bytes: 16 });
    expect((await requestsOf(directory)).length).toBe(6);
    expect(await verify(directory)).toMatchObject({ ok: true });
  });

  it('cuts half a checkpoint off', async () => {
    const directory = await newDirectory();
    await writeLog(directory, { records: 5 });
    const [file = ''] = await filesOf(directory, '.checkpoints');
    await appendFile(join(directory, file), 'fieldgate.audit/abc\n17\n');
    await writeLog(directory, { records: 5 });
    expect(await verify(directory)).toMatchObject({ ok: true });
  });

  const tampered: { name: string; change: (file: string) => Promise<void> }[] = [
    { name: 'is shorter than what was signed', change: async (file) => await truncate(file, 200) },
    {
      name: 'says something else than what was signed',
      change: async (file) => {
        const text = await readFile(file, 'utf8');
        await writeFile(file, text.replace('"r-2"', '"r-9"'));
      },
    },
    {
      name: 'has lost what it stands on',
      change: async (file) => await truncate(file.replace('.ndjson', '.start'), 0),
    },
  ];
  it.each(tampered)('does not go on with a log that $name', async ({ change }) => {
    const directory = await newDirectory();
    await writeLog(directory, { records: 5 });
    const [file = ''] = await filesOf(directory, '.ndjson');
    await change(join(directory, file));
    await expect(openLog(directory)).rejects.toThrow(AuditTampered);
    expect(await filesOf(directory, 'lock')).toEqual([]);
  });

  it.each([
    { name: 'the first', rotateBytes: undefined },
    { name: 'a later', rotateBytes: 1_000 },
  ])('says that lines of $name segment are gone, of which nothing was signed', async (about) => {
    const directory = await newDirectory();
    const { rotateBytes } = about;
    await writeLog(directory, { records: 6, per: 3, ...(rotateBytes && { rotateBytes }) });
    const file = (await filesOf(directory, '.ndjson')).at(-1) ?? '';
    const checkpoints = file.replace('.ndjson', '.checkpoints');
    await unlink(join(directory, file));
    await truncate(join(directory, checkpoints), 0);
    const news: LogNews[] = [];
    await writeLog(directory, { records: 1, report: (one) => news.push(one) });
    expect(news).toEqual([{ kind: 'lines-missing', file: join(directory, checkpoints) }]);
    const lines = await linesOf(directory);
    const recovered = lines.filter((line) => line.includes('audit_recovered'));
    expect(recovered.map((line) => JSON.parse(line).unmapped.gateway.orphan)).toEqual([
      checkpoints,
    ]);
    news.length = 0;
    await writeLog(directory, { records: 1, report: (one) => news.push(one) });
    expect(news).toEqual([]);
    expect(await verify(directory)).toMatchObject({ ok: true });
  });

  it('says that keys it was signed with before cannot be read, and not that it was changed', async () => {
    const directory = await newDirectory();
    const { privateKey: before } = generateKeyPairSync('ed25519');
    await writeLog(directory, { records: 6, per: 3, rotateBytes: 1_000, signingKey: before });
    await writeLog(directory, { records: 1, signingKey });
    const file = join(directory, 'public-keys.pem');
    await unlink(file);
    await expect(openLog(directory)).rejects.toThrow(AuditTampered);
    // Root may read whatever it is not permitted to.
    await mkdir(file);
    await expect(openLog(directory)).rejects.toMatchObject({ code: 'EISDIR' });
  });

  it('does not begin anew where everything that was sent on has gone', async () => {
    const directory = await newDirectory();
    await writeFile(join(directory, 'cursor.json'), '{"seq":7}');
    await expect(openLog(directory)).rejects.toThrow(AuditTampered);
  });
});

describe('one writer', () => {
  it('refuses a second, and lets one in after the first has closed', async () => {
    const directory = await newDirectory();
    const first = await openLog(directory);
    await expect(openLog(directory)).rejects.toThrow(DirectoryLocked);
    await first.close();
    await (await openLog(directory)).close();
  });

  it('takes over from a process that is gone, though its pid is used again', async () => {
    const directory = await newDirectory();
    const log = await openLog(directory);
    const held = JSON.parse(await readFile(join(directory, 'lock'), 'utf8'));
    await log.close();
    // Our own pid, with the start time of somebody who had it before.
    await writeFile(join(directory, 'lock'), JSON.stringify({ ...held, start: '1' }));
    await (await openLog(directory)).close();
  });

  it('keeps out of a directory that another machine touched just now', async () => {
    const directory = await newDirectory();
    const log = await openLog(directory);
    const held = JSON.parse(await readFile(join(directory, 'lock'), 'utf8'));
    await log.close();
    await writeFile(join(directory, 'lock'), JSON.stringify({ ...held, place: 'elsewhere' }));
    await expect(openLog(directory)).rejects.toThrow(DirectoryLocked);
  });

  it('ends whole where its lock cannot be taken away, and says so', async () => {
    const directory = await newDirectory();
    const news: LogNews[] = [];
    const log = await openLog(directory, { report: (one) => news.push(one) });
    log.append(toEvent('last'));
    await unlink(join(directory, 'lock'));
    await mkdir(join(directory, 'lock'));
    await log.close();
    expect(await requestsOf(directory)).toEqual(['last']);
    expect(news).toEqual([{ kind: 'not-closed', reason: 'EISDIR' }]);
  });

  it('calls nothing broken where it ends while it looks at its files', async () => {
    const directory = await newDirectory();
    const news: LogNews[] = [];
    for (let round = 0; round < 80; round += 1) {
      const log = await openLog(directory, { tickMs: 1, report: (one) => news.push(one) });
      await appendAll(log, [round]);
      for (let turns = round % 8; turns > 0; turns -= 1) await turn();
      await pause(1);
      await log.close();
    }
    expect(news).toEqual([]);
  });

  it('stops for good when its lock is taken from it', async () => {
    const directory = await newDirectory();
    const failing = Promise.withResolvers<void>();
    const log = await openLog(directory, { tickMs: 5, report: () => failing.resolve() });
    await writeFile(join(directory, 'lock'), '{}');
    await failing.promise;
    expect(log.append(toEvent(1)).ok).toBe(false);
    await expect(log.close()).rejects.toThrow(AuditUnavailable);
    expect(await requestsOf(directory)).toEqual([]);
    expect(await readFile(join(directory, 'lock'), 'utf8')).toBe('{}');
  });

  it.each([
    ['removed', unlink],
    ['cut short', (file: string) => truncate(file, 0)],
    [
      'replaced',
      (file: string) => writeFile(`${file}.new`, '').then(() => rename(`${file}.new`, file)),
    ],
  ] as const)('stops for good when its open segment is %s', async (_how, spoil) => {
    const directory = await newDirectory();
    const failing = Promise.withResolvers<void>();
    const log = await openLog(directory, { tickMs: 5, report: () => failing.resolve() });
    await appendAll(log, [1]);
    const [file = ''] = await filesOf(directory, '.ndjson');
    await spoil(join(directory, file));
    // Also while it is written to: what follows makes a file that was cut short as long as before.
    while (log.append(toEvent(2)).ok) await pause(1);
    await failing.promise;
    expect(log.append(toEvent(2)).ok).toBe(false);
    await expect(log.close()).rejects.toThrow(AuditUnavailable);
  });

  it.each([
    ['moved', (directory: string) => rename(directory, `${directory}-moved`)],
    ['removed', (directory: string) => rm(directory, { recursive: true })],
  ] as const)('does not end well where its directory was just %s', async (how, spoil) => {
    const directory = await newDirectory();
    const log = await openLog(directory);
    await appendAll(log, [1]);
    log.append(toEvent('last'));
    await spoil(directory);
    await expect(log.close()).rejects.toThrow(AuditUnavailable);
    if (how === 'removed') return;
    // What could be written is, and is signed.
    onTestFinished(() => rm(`${directory}-moved`, { recursive: true }));
    expect(await requestsOf(`${directory}-moved`)).toEqual([1, 'last'].map(String));
    expect(await verify(`${directory}-moved`)).toMatchObject({ ok: true, unsigned: 0 });
  });

  it('gives each worker a chain of its own', async () => {
    const directory = await newDirectory();
    const logs = await Promise.all([1, 2].map((worker) => openLog(directory, { worker })));
    await Promise.all(logs.map(async (log) => await appendAll(log, [1, 2])));
    await Promise.all(logs.map(async (log) => await log.close()));
    const [one, two] = await Promise.all(
      ['worker-1', 'worker-2'].map(async (name) => await verify(join(directory, name))),
    );
    expect([one?.ok, two?.ok, one?.chain === two?.chain]).toEqual([true, true, false]);
  });
});

describe('retention', () => {
  const old = { rotateBytes: 2_000, retentionMs: 1_000, clock: () => Date.now() + 10_000 };
  const firstKept = async (directory: string) =>
    Number((await filesOf(directory, '.ndjson'))[0]?.slice(0, 16));

  it('deletes what is old and was sent on, and verify knows that it did', async () => {
    const directory = await newDirectory();
    await writeLog(directory, { records: 60, per: 5, rotateBytes: 2_000 });
    await writeFile(join(directory, 'cursor.json'), '{"seq":30}');
    await writeLog(directory, { records: 1, ...old });
    const first = await firstKept(directory);
    expect(first).toBeGreaterThan(1);
    expect(first).toBeLessThanOrEqual(31);
    expect(await verify(directory)).toMatchObject({ ok: true, firstSeq: first });
  });

  it('does not cover for whoever deletes more than it did', async () => {
    const directory = await newDirectory();
    await writeLog(directory, { records: 60, per: 5, rotateBytes: 2_000 });
    await writeFile(join(directory, 'cursor.json'), '{"seq":30}');
    await writeLog(directory, { records: 1, ...old });
    const [first = '', next = ''] = await filesOf(directory, '.ndjson');
    for (const ending of ['ndjson', 'start', 'checkpoints']) {
      await unlink(join(directory, first.replace('ndjson', ending)));
    }
    const { problems } = await verify(directory);
    expect(problems).toMatchObject([
      { code: 'beginning-missing', seq: Number(first.slice(0, 16)), file: expect.any(String) },
    ]);
    expect(problems[0]?.message).toContain(`to ${Number(next.slice(0, 16)) - 1} `);
  });

  it('deletes nothing that was not sent on, unless nothing sends it', async () => {
    const directory = await newDirectory();
    await writeLog(directory, { records: 60, per: 5, rotateBytes: 2_000 });
    await writeLog(directory, { records: 1, ...old });
    expect(await firstKept(directory)).toBe(1);
    await writeLog(directory, { records: 1, ...old, retainUnshipped: false });
    expect(await firstKept(directory)).toBeGreaterThan(50);
    expect(await verify(directory)).toMatchObject({ ok: true });
  });
});

it('a directory that cannot be written to refuses to start', async () => {
  const directory = await newDirectory();
  await writeFile(join(directory, 'file'), '');
  await chmod(join(directory, 'file'), 0o600);
  await expect(openLog(join(directory, 'file'))).rejects.toThrow();
});
