/** What only a clock of our own can show, and what happens when the store is full. */
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../../gateway/rates/memory-store.ts';
import { createHandClock, granted, isGranted, memoryStore, of, refused } from './charges.ts';

const key = (at: number): string => `email:${at}@example.com`;

describe('time in the memory store', () => {
  const windows = [
    { name: 'counted exactly', given: 5, backAfterMs: 60_001 },
    { name: 'counted by fiftieths', given: 100, backAfterMs: 61_200 },
  ];
  it.each(windows)('gives back after the window: $name', ({ given, backAfterMs }) => {
    const clock = createHandClock();
    clock.nowMs = 1_200_000;
    const store = memoryStore(clock);
    const all = of({ limit: given, amount: given });
    granted(store.charge([all]));
    const { retryAfterMs } = refused(store.charge([{ ...all, amount: 1 }]));
    expect(retryAfterMs).toBe(backAfterMs);
    clock.nowMs += retryAfterMs - 1;
    expect(store.charge([all]).ok).toBe(false);
    clock.nowMs += 1;
    expect(store.charge([all]).ok).toBe(true);
  });

  it('says when enough is free, not when anything is', () => {
    const clock = createHandClock();
    const store = memoryStore(clock);
    for (let at = 0; at < 5; at += 1) {
      granted(store.charge([of()]));
      clock.nowMs += 1_000;
    }
    expect(refused(store.charge([of({ amount: 3 })])).retryAfterMs).toBe(60_001 - 5_000 + 2_000);
    expect(refused(store.charge([of({ amount: 3, partial: true })])).retryAfterMs).toBe(55_001);
  });

  it('a clock set back neither refills nor forgets', () => {
    const clock = createHandClock();
    const store = memoryStore(clock);
    granted(store.charge([of({ amount: 5 })]));
    clock.nowMs -= 3_600_000;
    expect(store.charge([of()]).ok).toBe(false);
    clock.nowMs += 3_600_000 + 60_000;
    expect(store.charge([of()]).ok).toBe(false);
    clock.nowMs += 1;
    expect(store.charge([of()]).ok).toBe(true);
  });

  it('a bucket that was full of stamps when its limit rose forgets nothing early', () => {
    const clock = createHandClock();
    clock.nowMs = 1_200_000;
    const store = memoryStore(clock);
    for (let at = 0; at < 51; at += 1) {
      granted(store.charge([of({ limit: 51 })]));
      clock.nowMs += 1;
    }
    const wide = of({ limit: 1_000, amount: 100 });
    granted(store.charge([wide]));
    clock.nowMs += 30_000;
    granted(store.charge([wide]));
    clock.nowMs += 45_000;
    // What was counted half a minute before is within the window still.
    expect(granted(store.charge([{ ...wide, amount: 0 }])).remaining[0]).toBeLessThanOrEqual(900);
  });

  it('what is given back counts no more, what is kept does', () => {
    const clock = createHandClock();
    const store = memoryStore(clock);
    const { receipt } = granted(store.charge([of({ amount: 5 })]));
    clock.nowMs += 1_000;
    store.giveBack(receipt, [3]);
    expect(granted(store.charge([of({ amount: 3 })])).remaining).toEqual([0]);
    store.giveBack(receipt, [3]);
    expect(granted(store.charge([of({ amount: 2 })])).granted).toEqual([2]);
    expect(store.charge([of()]).ok).toBe(false);
  });

  it('gives nothing back to a bucket that began anew', () => {
    const clock = createHandClock();
    const store = memoryStore(clock);
    const { receipt } = granted(store.charge([of({ amount: 5 })]));
    clock.nowMs += 61_000;
    granted(store.charge([of({ amount: 5 })]));
    store.giveBack(receipt, [5]);
    expect(store.charge([of()]).ok).toBe(false);
  });
});

describe('a full memory store', () => {
  const fill = (keysMax: number) => {
    const clock = createHandClock();
    const store = memoryStore(clock, keysMax);
    for (let at = 0; at < keysMax; at += 1)
      granted(store.charge([of({ key: key(at), amount: 5 })]));
    return { clock, store };
  };

  it('never evicts a live key, whatever comes', () => {
    const { store } = fill(100);
    for (let at = 100; at < 5_000; at += 1) store.charge([of({ key: key(at) })]);
    expect(store.sizes().keys).toBe(100);
    for (let at = 0; at < 100; at += 1) expect(store.charge([of({ key: key(at) })]).ok).toBe(false);
  });

  it('lets new keys share 1,024 buckets of their rate', () => {
    const { store } = fill(2_000);
    const outcomes = [];
    for (let at = 2_000; at < 60_000; at += 1) outcomes.push(store.charge([of({ key: key(at) })]));
    expect(store.sizes()).toEqual({ keys: 2_000, shared: 1_024 });
    expect(outcomes.filter(isGranted)).toHaveLength(5 * 1_024);
  });

  it('bounds the shared buckets of all rates too, and refuses past that', () => {
    const { store } = fill(10);
    for (let at = 0; at < 1_000; at += 1) store.charge([of({ rate: `rate ${at}`, key: key(at) })]);
    expect(store.sizes()).toEqual({ keys: 10, shared: 10 });
    expect(store.charge([of({ rate: 'another', key: key(7) })]).ok).toBe(false);
  });

  it('makes room of what is over', () => {
    const { store, clock } = fill(100);
    clock.nowMs += 60_001;
    for (let at = 1_000; at < 1_100; at += 1) granted(store.charge([of({ key: key(at) })]));
    expect(store.sizes()).toEqual({ keys: 100, shared: 0 });
  });

  it('and leaves nothing of it to who takes its place', () => {
    const clock = createHandClock();
    const store = memoryStore(clock, 1);
    granted(store.charge([of({ amount: 2 })]));
    clock.nowMs += 1;
    granted(store.charge([of({ amount: 3 })]));
    clock.nowMs += 60_001;
    const hourly = of({ rate: 'hourly', key: key(1), limit: 10, windowMs: 3_600_000, amount: 4 });
    granted(store.charge([hourly]));
    expect(store.sizes()).toEqual({ keys: 1, shared: 0 });
    expect(granted(store.charge([{ ...hourly, amount: 0 }])).remaining).toEqual([6]);
  });

  it('a key that moves to a bucket of its own gets no fresh limit', () => {
    const { store, clock } = fill(100);
    clock.nowMs += 30_000;
    const late = of({ key: key(4_711), amount: 5 });
    granted(store.charge([late]));
    expect(store.sizes().shared).toBe(1);
    clock.nowMs += 30_001;
    // There is room now, and the window of what it spent is not over.
    expect(store.charge([late]).ok).toBe(false);
    clock.nowMs += 30_001;
    granted(store.charge([late]));
  });

  it('does not take from a bucket of its own what lies in a shared one', () => {
    const { store, clock } = fill(100);
    const late = of({ key: key(4_711), limit: 600, amount: 300 });
    const { receipt } = granted(store.charge([late]));
    clock.nowMs += 61_201;
    granted(store.charge([{ ...late, amount: 600 }]));
    store.giveBack(receipt, [300]);
    expect(store.charge([{ ...late, amount: 1 }]).ok).toBe(false);
  });

  it('gives back to a shared bucket too', () => {
    const { store } = fill(100);
    const late = of({ key: key(4_711), amount: 5 });
    const { receipt } = granted(store.charge([late]));
    store.giveBack(receipt, [3]);
    expect(granted(store.charge([{ ...late, amount: 3 }])).remaining).toEqual([0]);
    expect(store.charge([{ ...late, amount: 1 }]).ok).toBe(false);
  });

  it('a refused call holds no room', () => {
    const clock = createHandClock();
    const store = memoryStore(clock, 100);
    for (let at = 0; at < 1_000; at += 1) {
      store.charge([of({ key: key(at) }), of({ rate: 'closed', key: 'all', limit: 0 })]);
    }
    expect(store.sizes()).toEqual({ keys: 0, shared: 0 });
  });

  it('finds every key again after others were removed', () => {
    const clock = createHandClock();
    const store = createMemoryStore({ clock, keysMax: 500, seed: [3, 4] });
    for (let at = 0; at < 20_000; at += 1) {
      clock.nowMs += 10_000;
      granted(store.charge([of({ key: key(at), amount: 5 })]));
      for (let back = 0; back < Math.min(6, at); back += 1) {
        const outcome = store.charge([of({ key: key(at - back) })]);
        if (outcome.ok !== false) throw new Error(`key ${at - back} of ${at} was forgotten`);
      }
    }
  });

  const misuse = [0, -1, 1.5, Number.NaN, 2 ** 30];
  it.each(misuse)('throws for %s keys', (keysMax) => {
    expect(() => createMemoryStore({ clock: () => 0, keysMax })).toThrow(TypeError);
  });
});
