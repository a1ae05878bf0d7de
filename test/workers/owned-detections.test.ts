/** What workers tell the owner of detections: counted for all, once, and alerts that come late come all the same. */
import { describe, expect, test } from 'vitest';
import type { Observed } from '../../gateway/detect/detection-counts.ts';
import { createReplayStore } from '../../gateway/identify/replay-store.ts';
import { createMemoryStore } from '../../gateway/rates/memory-store.ts';
import { createOwnedDetections } from '../../gateway/workers/owned-detections.ts';
import { createOwner } from '../../gateway/workers/owner.ts';
import type { OwnerAnswer, OwnerCall } from '../../gateway/workers/owner-calls.ts';
import { createOwnerClient } from '../../gateway/workers/owner-client.ts';

const clock = () => 0;
const owner = () =>
  createOwner({
    store: createMemoryStore({ clock }),
    replays: createReplayStore(0, clock),
    keysMax: 10,
  });

const observed = (key: string, amount: number, id = 'a', count = 20): Observed => ({
  rule: { id, count, windowMs: 60_000, quietMs: 60_000, isDistinct: false },
  key,
  amount,
  values: undefined,
  request: `r-${key}`,
  timeMs: 1,
});

/** What crosses the pipe is JSON. */
const carried = <T>(value: T): T => JSON.parse(JSON.stringify(value));

function worker(id: number, of: ReturnType<typeof owner>, about: { timeoutMs?: number } = {}) {
  const late: (() => void)[] = [];
  const client = createOwnerClient({
    send(calls: readonly OwnerCall[]) {
      const answers: readonly OwnerAnswer[] = carried(of.answer(id, carried(calls)));
      if (about.timeoutMs === undefined) client.receive(answers);
      else late.push(() => client.receive(answers));
    },
    ...about,
  });
  return { count: createOwnedDetections(client), late };
}

describe('two workers', () => {
  test('are added up, by detection and key', async () => {
    const one = owner();
    const [first, second] = [worker(1, one), worker(2, one)];
    expect(
      await first.count([observed('k', 10), observed('l', 10), observed('k', 19, 'b')]),
    ).toEqual([]);
    expect(await second.count([observed('l', 9), observed('k', 10)])).toEqual([
      { at: 1, count: 20, firstMs: 1, requests: ['r-k', 'r-k'], crowded: false, heldBack: 0 },
    ]);
    expect(await first.count([observed('k', 10)])).toEqual([]);
  });

  test('a worker that ends takes nothing with it', async () => {
    const one = owner();
    await worker(1, one).count([observed('k', 19)]);
    one.gone(1);
    expect(await worker(2, one).count([observed('k', 1)])).toMatchObject([{ at: 0, count: 20 }]);
  });
});

test('an answer that comes when nobody waits any more still has its alert', async () => {
  const { count, late } = worker(1, owner(), { timeoutMs: 20 });
  const counted = count([observed('k', 20)]);
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, 200);
  await promise;
  for (const arrive of late) arrive();
  expect(await counted).toMatchObject([{ at: 0, count: 20 }]);
});
