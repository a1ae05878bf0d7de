/** A disk that takes what is written and then does not confirm it. */
import { type FileHandle, open, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { AppendFile } from '../../../gateway/watch/audit-log/append-file.ts';
import { linesOf, newDirectory, openLog, requestsOf, toEvent, verify } from './log-rig.ts';

async function fileHandles(): Promise<FileHandle> {
  await using file = await open('/dev/null');
  return Object.getPrototypeOf(file);
}

async function filesOpenIn(directory: string): Promise<string[]> {
  const descriptors = await readdir('/proc/self/fd');
  const links = descriptors.map((one) => readlink(`/proc/self/fd/${one}`).catch(() => ''));
  return (await Promise.all(links)).filter((file) => file.startsWith(directory)).sort();
}

/** The names in a directory cannot be made safe; what stands in files can. */
async function failDirectorySyncs(): Promise<() => void> {
  const handles = await fileHandles();
  const { sync } = handles;
  const failing = vi.spyOn(handles, 'sync').mockImplementation(async function (this: FileHandle) {
    if ((await this.stat()).isDirectory()) throw ioError();
    await Reflect.apply(sync, this, []);
  });
  onTestFinished(() => failing.mockRestore());
  return () => failing.mockRestore();
}

const ioError = () => Object.assign(new Error('the disk'), { code: 'EIO' });

it('a group whose sync failed stays in its segment, though a new one would be due', async () => {
  const directory = await newDirectory();
  // Room for the first event and the second, but not for the second once more.
  const log = await openLog(directory, { durability: 'strict', rotateBytes: 500, retryMaxMs: 10 });
  const first = log.append(toEvent(1));
  if (!first.ok) throw new Error('the log refused an event');
  await first.written;
  const failing = vi.spyOn(await fileHandles(), 'datasync').mockRejectedValue(ioError());
  onTestFinished(() => failing.mockRestore());
  const second = log.append(toEvent(2));
  if (!second.ok) throw new Error('the log refused an event');
  await expect(second.written).rejects.toThrow('EIO');
  failing.mockRestore();
  await expect.poll(() => log.append(toEvent(3)).ok, { timeout: 20_000 }).toBe(true);
  await log.close();
  expect((await verify(directory)).problems).toEqual([]);
  const again = await openLog(directory);
  await again.close();
  expect(await requestsOf(directory)).toEqual(['1', '2', '3']);
});

it('of two syncs at a time, the second knows that the first has failed', async () => {
  const file = await AppendFile.open(join(await newDirectory(), 'lines'), 0);
  onTestFinished(() => file.close());
  await file.append(Buffer.from('a line\n'));
  const handles = await fileHandles();
  // The system tells of a failed write once: whoever asks next hears that all is well.
  const syncs = vi.spyOn(handles, 'datasync').mockRejectedValueOnce(ioError());
  const writes = vi.spyOn(handles, 'write');
  onTestFinished(() => {
    syncs.mockRestore();
    writes.mockRestore();
  });
  const [first, second] = await Promise.allSettled([file.sync(), file.sync()]);
  expect(first.status).toBe('rejected');
  expect(second.status).toBe('fulfilled');
  expect(writes).toHaveBeenCalledOnce();
  expect(syncs).toHaveBeenCalledTimes(2);
});

it.each([
  { due: 'by size', rotateBytes: 150, rotateMs: 3_600_000 },
  { due: 'by age', rotateBytes: 1_000_000, rotateMs: 1_000 },
])(
  'a segment that cannot be begun, $due, leaves no file open and gets what follows',
  async ({ rotateBytes, rotateMs }) => {
    for (const isClosedAtOnce of [false, true]) {
      const directory = await newDirectory();
      let nowMs = 1_790_000_000_000;
      const log = await openLog(directory, {
        ...{ rotateBytes, rotateMs, clock: () => nowMs },
        retryMaxMs: isClosedAtOnce ? 600_000 : 10,
      });
      const first = log.append(toEvent(1));
      if (!first.ok) throw new Error('the log refused an event');
      await first.written;
      nowMs += 2_000;
      const before = await filesOpenIn(directory);
      const letSync = await failDirectorySyncs();
      const second = log.append(toEvent(2));
      if (!second.ok) throw new Error('the log refused an event');
      await expect(second.written).rejects.toThrow('EIO');
      if (isClosedAtOnce) expect(await filesOpenIn(directory)).toEqual(before);
      letSync();
      if (!isClosedAtOnce) {
        await expect.poll(() => log.append(toEvent(3)).ok, { timeout: 20_000 }).toBe(true);
      }
      await log.close();
      expect((await verify(directory)).problems).toEqual([]);
      await (await openLog(directory)).close();
      expect((await verify(directory)).problems).toEqual([]);
      expect(await requestsOf(directory)).toEqual(isClosedAtOnce ? ['1', '2'] : ['1', '2', '3']);
    }
  },
);

it('what was refused is told where the log only works again at its end', async () => {
  const directory = await newDirectory();
  const log = await openLog(directory, { retryMaxMs: 600_000 });
  const failing = vi.spyOn(await fileHandles(), 'write').mockRejectedValue(ioError());
  onTestFinished(() => failing.mockRestore());
  const first = log.append(toEvent(1));
  if (!first.ok) throw new Error('the log refused an event');
  await expect(first.written).rejects.toThrow('EIO');
  expect(log.append(toEvent(2)).ok).toBe(false);
  failing.mockRestore();
  await log.close();
  const gap = (await linesOf(directory)).find((line) => line.includes('audit_gap')) ?? '{}';
  expect(JSON.parse(gap).unmapped?.gateway.gap).toMatchObject({ count: 1 });
  expect((await verify(directory)).problems).toEqual([]);
});
