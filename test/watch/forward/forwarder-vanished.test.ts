/** A log whose directory goes and comes back while the forwarder runs: as it was, copied, or another. */
import { cpSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createLineReader } from '../../../gateway/watch/forward/line-reader.ts';
import { until } from '../../support/redis.ts';
import { bodiesByUid, parkedIn, startRig } from './forwarder-rig.ts';
import { createSegmentWriter, toEvent, toLine } from './segment-writer.ts';

async function start() {
  const rig = await startRig();
  const away = `${rig.log.directory}-away`;
  onTestFinished(async () => {
    await rig.cleanUp();
    rmSync(away, { recursive: true, force: true });
  });
  const { directory } = rig.log;
  const vanish = async (): Promise<void> => {
    renameSync(directory, away);
    await until('a complaint', () => rig.failing()?.why === 'ENOENT');
  };
  return { ...rig, away, vanish };
}

it.each([
  { name: 'as it was', back: renameSync },
  {
    name: 'as a copy',
    back: (from: string, to: string) => cpSync(from, to, { recursive: true }),
  },
])('a log that comes back $name is shipped on, and no line is missing', async ({ back }) => {
  const { log, sink, shippedAll, vanish, away, failing } = await start();
  log.append(20);
  await shippedAll();
  await vanish();
  back(away, log.directory);
  log.append(20);
  await shippedAll();
  expect([...bodiesByUid(sink.accepted('logs')).values()]).toEqual(log.lines);
  expect(failing()).toBeUndefined();
  expect(JSON.parse(readFileSync(join(log.directory, 'cursor.json'), 'utf8')).seq).toBe(40);
});

it('a line that is refused after the log came back as a copy is parked where the log is', async () => {
  const { log, sink, shippedAll, vanish, away } = await start();
  log.append(1);
  await shippedAll();
  await vanish();
  cpSync(away, log.directory, { recursive: true });
  sink.behave({ kind: 'status', status: 400 });
  log.append(1);
  await shippedAll();
  expect(parkedIn(log.directory).map(({ seq }) => seq)).toEqual([2]);
});

it('another log that comes back longer is read from its start: no line of it is left out', async () => {
  const log = createSegmentWriter();
  const other = createSegmentWriter();
  const away = `${log.directory}-away`;
  const notices: unknown[] = [];
  const reader = createLineReader(log.directory, undefined, (notice) => notices.push(notice));
  onTestFinished(async () => {
    await reader.close();
    for (const one of [log, other]) one.remove();
    rmSync(away, { recursive: true, force: true });
  });
  log.append(3);
  expect(await reader.read(1_000_000)).toHaveLength(3);
  renameSync(log.directory, away);
  await expect(reader.read(1_000_000)).rejects.toThrow('ENOENT');
  const lines = [1, 2, 3, 4, 5, 6].map((seq) =>
    toLine(seq, toEvent(seq, { note: 'x'.repeat(seq * 100) })),
  );
  other.appendRaw(`${lines.join('\n')}\n`);
  renameSync(other.directory, log.directory);
  const read: number[] = [];
  for (let times = 0; times < 4; times += 1) {
    const found = (await reader.read(1_000_000)).map(({ bytes }) => bytes.toString());
    read.push(...found.map((line) => lines.indexOf(line) + 1));
  }
  expect(read).toEqual([1, 2, 3, 4, 5, 6]);
  expect(notices).toEqual([{ kind: 'rewound', seq: 3, segment: 1 }]);
});
