import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { watchStall } from '../../../gateway/watch/audit-log/watch-stall.ts';
import { standStill } from '../../support/stand-still.ts';

it('a process that stands still again and again does not blame the disk', async () => {
  let stalls = 0;
  const work = async (): Promise<void> => {
    // Each step of the work gets one turn of the event loop between two long ones of others.
    for (let step = 0; step < 12; step += 1) {
      standStill(60);
      await turn();
    }
  };
  await watchStall(work, 100, () => {
    stalls += 1;
  });
  expect(stalls).toBe(0);
});

it('work that hangs while the process goes on is told once', async () => {
  const told = Promise.withResolvers<void>();
  let stalls = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const watched = watchStall(
    () => promise,
    250,
    () => {
      stalls += 1;
      told.resolve();
    },
  );
  await told.promise;
  resolve();
  await watched;
  expect(stalls).toBe(1);
});
