import { describe, expect, it } from 'vitest';
import { createFloodBound, recordsPerSecondMax, type TurnedAway } from '../gateway/turned-away.ts';
import { FloodCounter } from '../gateway/watch/flood.ts';

describe('who of a flood gets no record', () => {
  it('all past the first of a second, for each reason', () => {
    const isFlood = createFloodBound();
    const ask = (reason: 'admit/ip-blocked' | 'admit/overloaded', nowMs: number) =>
      Array.from({ length: 50 }, () => isFlood(reason, nowMs)).filter((one) => !one).length;
    expect(ask('admit/ip-blocked', 1_000)).toBe(recordsPerSecondMax);
    expect(ask('admit/overloaded', 1_500)).toBe(recordsPerSecondMax);
    expect(ask('admit/ip-blocked', 1_999)).toBe(0);
    expect(ask('admit/ip-blocked', 2_000)).toBe(recordsPerSecondMax);
    // A clock that goes back.
    expect(ask('admit/ip-blocked', 500)).toBe(recordsPerSecondMax);
  });
});

describe('what has no record', () => {
  const turned = (address: string): TurnedAway => ({
    reason: 'admit/ip-blocked',
    status: 403,
    method: 'POST',
    address,
    atMs: 1_000,
    durationMs: 0.1,
  });

  it('is counted by address, and told when the second is over', () => {
    const floods = new FloodCounter();
    for (let count = 0; count < 5_000; count += 1) {
      const address = count < 3_000 ? '192.0.2.1' : `198.51.100.${count % 1_500}`;
      expect(floods.count(turned(address), 1_000 + (count % 1_000))).toEqual([]);
    }
    const [told, ...others] = floods.takeEnded(2_000);
    expect(others).toEqual([]);
    expect(told).toMatchObject({ reason: 'admit/ip-blocked', count: 5_000, fromMs: 1_000 });
    expect(told?.addresses[0]).toEqual({ address: '192.0.2.1', count: 3_000 });
    const listed = told?.addresses.reduce((sum, { count }) => sum + count, 0) ?? 0;
    expect(listed + (told?.otherAddresses ?? 0)).toBe(5_000);
    expect(floods.takeEnded(3_000)).toEqual([]);
  });

  it('ends the second before it', () => {
    const floods = new FloodCounter();
    floods.count(turned('192.0.2.1'), 1_000);
    expect(floods.count(turned('192.0.2.1'), 2_000)).toMatchObject([{ count: 1, fromMs: 1_000 }]);
  });
});
