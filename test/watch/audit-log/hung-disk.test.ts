/** A write that the disk does not end: who waits for it is told no, whatever the log is about. */
import { type FileHandle, open } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { AuditUnavailable } from '../../../gateway/watch/audit-log/commit-group.ts';
import { standStill } from '../../support/stand-still.ts';
import { newDirectory, openLog, requestsOf, toEvent, verify } from './log-rig.ts';

/** Writes to files end no sooner than they are let go. */
async function hang(): Promise<() => void> {
  await using file = await open('/dev/null');
  const handles: FileHandle = Object.getPrototypeOf(file);
  const { write } = handles;
  const { promise, resolve } = Promise.withResolvers<void>();
  const hung = vi.spyOn(handles, 'write').mockImplementation(async function (
    this: FileHandle,
    ...given: unknown[]
  ) {
    await promise;
    return await Reflect.apply(write, this, given);
  } as typeof write);
  onTestFinished(() => {
    hung.mockRestore();
    resolve();
  });
  return resolve;
}

it.each(['it is open', 'it is closed'])('while %s', async (when) => {
  const directory = await newDirectory();
  const log = await openLog(directory, { stallMs: 50, retryMaxMs: 10, gatherMs: 2 ** 31 - 1 });
  const letGo = await hang();
  const taken = log.append(toEvent('late'));
  if (!taken.ok) throw new Error('the log refused an event');
  const closing = when === 'it is closed' ? log.close() : undefined;
  // It writes what it has by itself then, whoever waits.
  await setImmediate();
  await expect(taken.written).rejects.toBeInstanceOf(AuditUnavailable);
  expect(log.append(toEvent('refused')).ok).toBe(false);
  letGo();
  await closing;
  if (closing === undefined) {
    await expect.poll(() => log.append(toEvent('after')).ok, { timeout: 20_000 }).toBe(true);
    await log.close();
  }
  expect((await verify(directory)).problems).toEqual([]);
  expect(await requestsOf(directory)).toEqual(closing ? ['late'] : ['late', 'after']);
});

it('a process that stood still has not seen what its disk did', async () => {
  const directory = await newDirectory();
  const log = await openLog(directory, { stallMs: 100 });
  const taken = log.append(toEvent('while it stood still'));
  if (!taken.ok) throw new Error('the log refused an event');
  const { written } = taken;
  // The disk has it by then.
  await setImmediate();
  standStill(250);
  await written;
  expect(log.append(toEvent('after')).ok).toBe(true);
  await log.close();
  expect(await requestsOf(directory)).toEqual(['while it stood still', 'after']);
});
