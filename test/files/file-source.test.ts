/** Files that are watched: when they are looked at again, and what a bad one leaves in force. */
import { expect, it } from 'vitest';
import { createSource, type SourceReport } from '../../gateway/files/file-source.ts';

function rig() {
  const file = { stamp: '1', text: 'one', reads: 0, isGone: false };
  const clock = { nowMs: 1_000_000 };
  const reports: SourceReport[] = [];
  const source = createSource<string>(
    {
      ...{ name: 'list', file: 'list.txt', bytesMax: 1_000, reloadMs: 60_000, isNeeded: true },
      parse(bytes) {
        if (bytes.toString() === 'bad') throw new Error('bad');
        return bytes.toString();
      },
    },
    {
      now: () => clock.nowMs,
      report: (one) => reports.push(one),
      async readFile(_file, { unless }) {
        file.reads += 1;
        if (file.isGone) throw new Error('gone');
        if (file.stamp === unless) return undefined;
        return { stamp: file.stamp, bytes: Buffer.from(file.text) };
      },
    },
  );
  return { source, file, clock, reports };
}

it.each([
  { name: 'once it is due', byMs: 60_000, reads: 2 },
  { name: 'and not before', byMs: 59_999, reads: 1 },
  { name: 'at once where the clock was set back', byMs: -3_600_000, reads: 2 },
])('is looked at again $name', async ({ byMs, reads }) => {
  const { source, file, clock } = rig();
  await source.start();
  clock.nowMs += byMs;
  await source.refreshIfDue();
  expect(file.reads).toBe(reads);
});

it.each([
  { name: 'went bad', change: { stamp: '2', text: 'bad' } },
  { name: 'is gone', change: { isGone: true } },
])('a file that $name keeps what was read before, and is told of once', async ({ change }) => {
  const { source, file, reports } = rig();
  await source.start();
  Object.assign(file, change);
  for (let look = 0; look < 3; look += 1) await source.refresh();
  expect([source.current(), source.isStale()]).toEqual(['one', true]);
  expect(reports.map(({ kind }) => kind)).toEqual(['loaded', 'kept']);
  Object.assign(file, { stamp: '3', text: 'three', isGone: false });
  await source.refresh();
  expect([source.current(), source.isStale()]).toEqual(['three', false]);
});

it('a file that comes back as it was is no longer stale, one that went bad meanwhile is', async () => {
  const { source, file } = rig();
  await source.start();
  file.isGone = true;
  await source.refresh();
  expect(source.isStale()).toBe(true);
  file.isGone = false;
  await source.refresh();
  expect(source.isStale()).toBe(false);
  Object.assign(file, { stamp: '2', text: 'bad' });
  await source.refresh();
  await source.refresh();
  expect([source.current(), source.isStale()]).toEqual(['one', true]);
});
