import { describe, expect, it } from 'vitest';
import {
  entriesMax,
  grantOf,
  isLive,
  stampOf,
  untilForgotten,
} from '../../gateway/rates/window.ts';
import { createRandom } from '../properties/random.ts';

describe('stampOf', () => {
  const cases = [
    { name: 'a small limit is exact', given: [1_234, 51, 60_000], expect: 1_234 },
    { name: 'a large limit: end of the fiftieth', given: [1_234, 52, 60_000], expect: 2_399 },
    { name: 'the first millisecond of a fiftieth', given: [1_200, 52, 60_000], expect: 2_399 },
    { name: 'the last millisecond of a fiftieth', given: [2_399, 52, 60_000], expect: 2_399 },
    { name: 'a fiftieth that is no whole number', given: [0, 52, 1_025], expect: 20 },
    { name: 'a window shorter than its slices', given: [7, 52, 10], expect: 7 },
    {
      name: 'the time of day',
      given: [1_732_387_000_123, 600, 3_600_000],
      expect: 1_732_387_031_999,
    },
  ] as const;
  it.each(cases)('$name', ({ given: [now, limit, window], expect: stamp }) => {
    expect(stampOf(now, limit, window)).toBe(stamp);
  });

  it('is never before now, at most 2 % of the window later, and 52 are alive at most', () => {
    const random = createRandom(7);
    let [worstEarly, worstLate, mostAlive] = [0, 0, 0];
    for (let round = 0; round < 300; round += 1) {
      const windowMs = 1 + random.below(round % 2 === 0 ? 3_000 : 40_000_000);
      let now = 1_700_000_000_000 + random.below(1_000_000_000);
      const stamps = new Set<number>();
      for (let step = 0; step < 300; step += 1) {
        now += random.below(Math.ceil(windowMs / 60) + 1);
        const stamp = stampOf(now, 600, windowMs);
        worstEarly = Math.min(worstEarly, stamp - now);
        worstLate = Math.max(worstLate, (stamp - now) / windowMs);
        stamps.add(stamp);
        for (const one of stamps) if (!isLive(one, now, windowMs)) stamps.delete(one);
        mostAlive = Math.max(mostAlive, stamps.size);
      }
    }
    expect(worstEarly).toBe(0);
    expect(worstLate).toBeLessThanOrEqual(1 / 50);
    expect(mostAlive).toBeGreaterThan(40);
    expect(mostAlive).toBeLessThanOrEqual(entriesMax);
  });
});

describe('isLive and untilForgotten', () => {
  it('agree on the first millisecond at which a unit is back', () => {
    const [stamp, window] = [5_000, 1_000];
    const back = stamp + untilForgotten(stamp, stamp, window);
    expect(isLive(stamp, back - 1, window)).toBe(true);
    expect(isLive(stamp, back, window)).toBe(false);
    expect(back - stamp).toBeGreaterThan(window);
  });
});

describe('grantOf', () => {
  const cases = [
    { name: 'fits', given: { limit: 5, amount: 2, spent: 3 }, expect: 2 },
    { name: 'does not fit', given: { limit: 5, amount: 2, spent: 4 }, expect: undefined },
    { name: 'what is left', given: { limit: 5, amount: 9, spent: 3, partial: true }, expect: 2 },
    {
      name: 'nothing left',
      given: { limit: 5, amount: 9, spent: 5, partial: true },
      expect: undefined,
    },
    { name: 'a look', given: { limit: 5, amount: 0, spent: 9 }, expect: 0 },
    { name: 'a limit of nothing', given: { limit: 0, amount: 1, spent: 0 }, expect: undefined },
  ];
  it.each(cases)('$name', ({ given, expect: units }) => {
    expect(grantOf(given, given.spent)).toBe(units);
  });
});
