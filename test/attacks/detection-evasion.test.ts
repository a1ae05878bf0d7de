/**
 * Ways around a detection: pushing one's own count out by a flood of others, keeping to both sides of
 * a border, waiting for a clock to jump, drowning what matters in alerts. Counts may be too high, and
 * never too low.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alertsMax, type ConsoleAlert, showFirst } from '../../gateway/console/alert.ts';
import {
  alertsPerMinuteMax,
  CountedKeys,
  type Fired,
  keysMax,
} from '../../gateway/detect/counted-keys.ts';
import type { CountRule } from '../../gateway/detect/detection.ts';

const minuteMs = 60_000;

const rule = (about: Partial<CountRule> = {}): CountRule => ({
  id: 'a',
  count: 20,
  windowMs: 5 * minuteMs,
  quietMs: 15 * minuteMs,
  isDistinct: false,
  ...about,
});

interface About {
  readonly amount?: number;
  readonly values?: readonly number[];
}

function meet(counts: CountedKeys, key: string, nowMs: number, about: About = {}) {
  return counts.add(
    { key, amount: about.amount ?? 1, values: about.values, request: 'r', timeMs: nowMs },
    nowMs,
  );
}

describe('spraying keys', () => {
  test('takes no count away from a key that lives', () => {
    const counts = new CountedKeys(rule());
    for (let at = 0; at < 19; at += 1) expect(meet(counts, 'mine', at)).toBeUndefined();
    for (let at = 0; at < 5 * keysMax; at += 1) meet(counts, `other-${at}`, 1_000);
    expect(counts.size).toBeLessThanOrEqual(keysMax);
    expect(meet(counts, 'mine', 2_000)).toMatchObject({ count: 20, crowded: false });
  });

  test('before the attack leaves room for nobody, and the attack is seen all the same', () => {
    const counts = new CountedKeys(rule());
    for (let at = 0; at < keysMax; at += 1) meet(counts, `other-${at}`, 0);
    const fired: Fired[] = [];
    for (let at = 0; at < 20; at += 1) fired.push(...[meet(counts, 'mine', 1_000) ?? []].flat());
    expect(fired).toMatchObject([{ count: 20, crowded: true }]);
  });

  test('and the room that becomes free afterwards forgets nothing of who had none', () => {
    const counts = new CountedKeys(rule());
    for (let at = 0; at < keysMax; at += 1) meet(counts, `other-${at}`, 0);
    for (let at = 0; at < 19; at += 1) {
      expect(meet(counts, 'mine', 4 * minuteMs)).toBeUndefined();
    }
    // Those of the beginning are out of their window, and one place is taken by who was counted together.
    expect(meet(counts, 'mine', 6 * minuteMs)).toMatchObject({ count: 20, crowded: true });
  });

  test('that are quiet holds no place for ever', () => {
    const counts = new CountedKeys(rule({ count: 1, quietMs: 7 * 86_400_000 }));
    for (let at = 0; at < keysMax; at += 1) meet(counts, `other-${at}`, 0);
    expect(counts.size).toBe(keysMax);
    meet(counts, 'mine', 86_400_000);
    expect(counts.size).toBe(keysMax);
  });

  test('one that lives keeps no place of those that are over', () => {
    const counts = new CountedKeys(rule());
    for (let at = 0; at < keysMax; at += 1) meet(counts, `other-${at}`, 0);
    meet(counts, 'other-0', 9 * minuteMs);
    let fired: Fired | undefined;
    for (let at = 0; at < 20; at += 1) fired ??= meet(counts, 'mine', 10 * minuteMs);
    expect(fired).toMatchObject({ count: 20, crowded: false });
  });

  test('of different values is counted too high, never too low', () => {
    const counts = new CountedKeys(rule({ isDistinct: true, count: 50 }));
    for (let key = 0; key < 1_000; key += 1) {
      const values = Array.from({ length: 49 }, (_, at) => key * 100 + at);
      expect(meet(counts, `other-${key}`, 0, { values }) === undefined || key > 400).toBe(true);
    }
    let fired: Fired | undefined;
    for (let at = 0; at < 50; at += 1) fired ??= meet(counts, 'mine', 1, { values: [1e6 + at] });
    expect(fired).toMatchObject({ count: 50, crowded: true });
  });
});

test('one value again and again is one, whatever was seen and forgotten before', () => {
  const counts = new CountedKeys(rule({ isDistinct: true, count: 5 }));
  let nowMs = 0;
  for (let value = 0; value < 25_000; value += 1) {
    nowMs += 10 * minuteMs;
    expect(meet(counts, 'mine', nowMs, { values: [value] })).toBeUndefined();
  }
  for (let time = 0; time < 10; time += 1) {
    expect(meet(counts, 'mine', nowMs, { values: [1e6] })).toBeUndefined();
  }
});

describe('borders', () => {
  test('N within any interval of a window are N, wherever it begins', () => {
    const windowMs = 16_000;
    const times = fc.array(fc.integer({ min: 0, max: 200_000 }), { minLength: 1, maxLength: 60 });
    const met = { raised: 0, due: 0, early: 0 };
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 8 }), (given, count) => {
        const sorted = given.toSorted((one, other) => one - other);
        const counts = new CountedKeys(rule({ count, windowMs, quietMs: 1 }));
        let fired = false;
        sorted.forEach((nowMs, at) => {
          const raised = meet(counts, 'mine', nowMs) !== undefined;
          fired ||= raised;
          const within = sorted.slice(0, at + 1).filter((one) => one >= nowMs - windowMs).length;
          if (within >= count) expect(fired).toBe(true);
          met.due += within >= count ? 1 : 0;
          met.early += raised ? 0 : 1;
          const wider = sorted.filter((one) => one <= nowMs && one >= nowMs - windowMs * 1.0625);
          if (raised) expect(wider.length).toBeGreaterThanOrEqual(count);
          met.raised += raised ? 1 : 0;
        });
      }),
    );
    expect(Object.entries(met).filter(([, times]) => times === 0)).toEqual([]);
  });

  test('different values are counted exactly', () => {
    const windowMs = 1_000;
    const given = fc.array(
      fc.record({
        value: fc.integer({ min: 0, max: 9 }),
        pauseMs: fc.integer({ min: 0, max: 400 }),
      }),
      { maxLength: 80 },
    );
    const met = { raised: 0, due: 0, early: 0 };
    fc.assert(
      fc.property(given, fc.integer({ min: 2, max: 6 }), (events, count) => {
        const counts = new CountedKeys(rule({ isDistinct: true, count, windowMs, quietMs: 0 }));
        let nowMs = 0;
        const seen: { value: number; nowMs: number }[] = [];
        for (const { value, pauseMs } of events) {
          nowMs += pauseMs;
          seen.push({ value, nowMs });
          const late = seen.filter((one) => one.nowMs >= nowMs - windowMs);
          const isOneTooMany = new Set(late.map((one) => one.value)).size >= count;
          const raised = meet(counts, 'mine', nowMs, { values: [value] });
          // Alerts are bounded by the minute.
          if (raised !== undefined) expect(isOneTooMany).toBe(true);
          if (isOneTooMany && seen.length < alertsPerMinuteMax) {
            expect(raised).toBeDefined();
            met.due += 1;
          }
          if (raised === undefined) met.early += 1;
          else met.raised += 1;
        }
      }),
    );
    expect(Object.entries(met).filter(([, times]) => times === 0)).toEqual([]);
  });
});

describe('a clock that jumps', () => {
  test.each([
    { name: 'back', nowMs: -1e12 },
    { name: 'to nowhere', nowMs: Number.NaN },
    { name: 'to the end of time', nowMs: Number.NEGATIVE_INFINITY },
  ])('$name takes nothing away', ({ nowMs }) => {
    const counts = new CountedKeys(rule());
    for (let at = 0; at < 10; at += 1) meet(counts, 'mine', 1_000_000);
    for (let at = 0; at < 9; at += 1) expect(meet(counts, 'mine', nowMs)).toBeUndefined();
    expect(meet(counts, 'mine', 1_000_001)).toMatchObject({ count: 20 });
  });

  test('ahead forgets what is over, and goes on', () => {
    const counts = new CountedKeys(rule());
    for (let at = 0; at < 19; at += 1) meet(counts, 'mine', 0);
    for (let at = 0; at < 19; at += 1) expect(meet(counts, 'mine', 1e13)).toBeUndefined();
    expect(meet(counts, 'mine', 1e13)).toMatchObject({ count: 20 });
  });
});

describe('a flood of alerts', () => {
  test('of little severity takes none of more out of the console', () => {
    const shown: ConsoleAlert[] = [];
    const alert = (severity: ConsoleAlert['severity'], timeMs: number): ConsoleAlert => ({
      timeMs,
      severity,
      detection: severity,
      title: 'One',
    });
    showFirst(shown, alert('critical', 0));
    for (let at = 1; at <= 3 * alertsMax; at += 1) showFirst(shown, alert('low', at));
    expect(shown).toHaveLength(alertsMax);
    expect(shown.at(-1)).toMatchObject({ severity: 'critical', timeMs: 0 });
    expect(shown[0]).toMatchObject({ severity: 'low', timeMs: 3 * alertsMax });
    for (let at = 1; at <= alertsMax; at += 1) showFirst(shown, alert('fatal', 1_000 + at));
    expect(shown.every(({ severity }) => severity === 'fatal')).toBe(true);
  });

  test('of keys that share counts takes none from those with a count of their own', () => {
    const counts = new CountedKeys(rule({ count: 2 }));
    for (let at = 0; at < keysMax; at += 1) meet(counts, `own-${at}`, 0);
    const twice = Array.from({ length: 80 }, (_, at) => `other-${at >> 1}`);
    const shared = twice.filter((key) => meet(counts, key, 1) !== undefined);
    expect(shared).toHaveLength(5);
    const own = Array.from({ length: 40 }, (_, at) => meet(counts, `own-${at}`, 2));
    expect(own.filter((fired) => fired !== undefined)).toHaveLength(alertsPerMinuteMax);
  });

  test('one key is told of once, until it has been quiet', () => {
    const counts = new CountedKeys(rule({ count: 1 }));
    const at = [0, 1, 14 * minuteMs, 15 * minuteMs, 15 * minuteMs + 1, 30 * minuteMs];
    expect(at.map((nowMs) => meet(counts, 'mine', nowMs) !== undefined)).toEqual([
      true,
      false,
      false,
      true,
      false,
      true,
    ]);
  });

  test('of many keys is bounded, and the next alert says how many were held back', () => {
    const counts = new CountedKeys(rule({ count: 1 }));
    const fired: Fired[] = [];
    for (let at = 0; at < 1_000; at += 1) fired.push(...[meet(counts, `k${at}`, 0) ?? []].flat());
    expect(fired).toHaveLength(alertsPerMinuteMax);
    expect(meet(counts, 'later', 2 * minuteMs)).toMatchObject({
      heldBack: 1_000 - alertsPerMinuteMax,
    });
    expect(meet(counts, 'last', 2 * minuteMs)).toMatchObject({ heldBack: 0 });
  });
});
