/**
 * A disk that is full: the log takes nothing more and says so, what it had taken is neither lost
 * nor written twice, and it goes on by itself when there is room.
 *
 * Where nothing can be mounted, a limit on the size of files stands in for the full disk: the same
 * code sees another error (EFBIG), and the test's name says which it was.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { LogNews } from '../../../gateway/watch/audit-log/audit-log-options.ts';
import { AuditUnavailable } from '../../../gateway/watch/audit-log/commit-group.ts';
import { mountSmallDisk } from '../../support/small-disk.ts';
import {
  appendAll,
  linesOf,
  newDirectory,
  openLog,
  requestsOf,
  signingKey,
  toEvent,
  verify,
} from './log-rig.ts';

const diskBytes = 1_048_576;

const disk = mountSmallDisk(diskBytes);

it.runIf(disk).each(['batch', 'strict'] as const)('a full tmpfs, %s', async (durability) => {
  const home = disk ?? '';
  const directory = join(home, durability);
  const news: LogNews[] = [];
  const recovered = Promise.withResolvers<void>();
  const log = await openLog(directory, {
    durability,
    retryMaxMs: 20,
    report: (one) => {
      news.push(one);
      if (one.kind === 'recovered') recovered.resolve();
    },
  });
  await appendAll(log, ['before']);
  await writeFile(join(home, 'ballast'), Buffer.alloc(diskBytes)).catch(() => undefined);

  // Until the last free page is gone; the group that does not fit is kept.
  const outcomes: ('written' | 'late' | 'refused')[] = [];
  for (let number = 1; outcomes.at(-1) !== 'refused'; number += 1) {
    const taken = log.append(toEvent(number));
    if (!taken.ok) outcomes.push('refused');
    else {
      outcomes.push(
        await taken.written.then(
          () => 'written' as const,
          (error: unknown) => {
            expect(error).toBeInstanceOf(AuditUnavailable);
            return 'late' as const;
          },
        ),
      );
    }
  }
  expect(log.status().failing).toBe('ENOSPC');
  expect(outcomes).toContain('late');
  expect(log.append(toEvent('refused')).ok).toBe(false);

  await unlink(join(home, 'ballast'));
  await recovered.promise;
  await appendAll(log, ['after']);
  await log.close();
  const taken = outcomes.flatMap((one, at) => (one === 'refused' ? [] : [String(at + 1)]));
  expect(await requestsOf(directory)).toEqual(['before', ...taken, 'after']);
  expect(await verify(directory)).toMatchObject({ ok: true });
  const gap = (await linesOf(directory)).find((line) => line.includes('audit_gap')) ?? '{}';
  expect(JSON.parse(gap).unmapped.gateway.gap).toMatchObject({ count: 2 });
  expect(news.map(({ kind }) => kind)).toEqual(['failing', 'recovered']);
});

it('a file that may not grow (EFBIG, no mount needed): nothing half written stays', async () => {
  const home = await newDirectory();
  const [directory, keyFile] = [join(home, 'log'), join(home, 'key.pem')];
  await writeFile(keyFile, signingKey.export({ format: 'pem', type: 'pkcs8' }));
  const program = fileURLToPath(new URL('writing-process.ts', import.meta.url));
  // ulimit counts blocks of 512 or 1024 bytes; either is less than a segment.
  const script = `ulimit -f 100; trap '' XFSZ; exec "$0" "$@"`;
  const child = spawn(
    'sh',
    ['-c', script, process.execPath, program, directory, 'batch', '1', keyFile],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  await once(child, 'close');
  expect(child.exitCode).not.toBe(0);
  const acknowledged = printed.split('\n').slice(0, -1);
  expect(acknowledged.length).toBeGreaterThan(10);
  const before = await linesOf(directory);
  expect(before.length).toBeGreaterThanOrEqual(acknowledged.length);
  const log = await openLog(directory);
  await appendAll(log, ['after']);
  await log.close();
  const there = new Set(await requestsOf(directory));
  expect(acknowledged.filter((name) => !there.has(name))).toEqual([]);
  expect(await verify(directory)).toMatchObject({ ok: true });
});
