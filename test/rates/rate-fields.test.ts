/** RateLimit and RateLimit-Policy as draft-ietf-httpapi-ratelimit-headers-10 writes them. */
import { describe, expect, test } from 'vitest';
import type { CompiledRate } from '../../gateway/rates/rate.ts';
import { toRateFields } from '../../gateway/rates/rate-fields.ts';
import type { Outcome } from '../../gateway/rates/store.ts';

type Decided = Exclude<Outcome, { ok: 'unavailable' }>;

function rateOf(name: string, limit: number, windowMs = 60_000): CompiledRate {
  return {
    name,
    limit,
    windowMs,
    per: [{ kind: 'address' }],
    counts: 'requests',
    forAll: true,
    coordinates: undefined,
    applies: () => true,
    source: { file: 'rates/a.yaml', line: 1, column: 1 },
  };
}

const granted = (remaining: number[], resetMs: number[]): Decided => ({
  ok: true,
  granted: remaining.map(() => 1),
  remaining,
  resetMs,
  receipt: { kind: 'memory', lines: [] },
});

const a = rateOf('a', 10);
const b = rateOf('b', 100, 3_600_000);

const cases: { name: string; rates: CompiledRate[]; given: Decided; expect: object }[] = [
  { name: 'nothing charged', rates: [], given: granted([], []), expect: {} },
  {
    name: 'one',
    rates: [a],
    given: granted([7], [1_500]),
    expect: { 'ratelimit-policy': '"a";q=10;w=60', ratelimit: '"a";r=7;t=2' },
  },
  {
    name: 'the one nearest to its limit, by share and not by number',
    rates: [a, b],
    given: granted([5, 20], [1_000, 2_000]),
    expect: { 'ratelimit-policy': '"b";q=100;w=3600, "a";q=10;w=60', ratelimit: '"b";r=20;t=2' },
  },
  {
    name: 'one policy for two buckets of a rate',
    rates: [a, a],
    given: granted([5, 4], [1_000, 2_000]),
    expect: { 'ratelimit-policy': '"a";q=10;w=60', ratelimit: '"a";r=4;t=2' },
  },
  {
    name: 'the one that refused, though another is nearer',
    rates: [a, b],
    given: { ok: false, refused: 0, retryAfterMs: 1, remaining: [9, 0], resetMs: [1_000, 2_000] },
    expect: { 'ratelimit-policy': '"a";q=10;w=60, "b";q=100;w=3600', ratelimit: '"a";r=9;t=1' },
  },
];

describe('header fields', () => {
  test.each(cases)('$name', ({ rates, given, expect: fields }) => {
    expect(toRateFields(rates, given)).toEqual(fields);
  });

  test('name at most ten policies, and the nearest among them', () => {
    const rates = Array.from({ length: 30 }, (_, index) => rateOf(`r${index}`, 10));
    const remaining = rates.map((_, index) => (index === 29 ? 1 : 9));
    const fields = toRateFields(
      rates,
      granted(
        remaining,
        remaining.map(() => 0),
      ),
    );
    expect(fields['ratelimit-policy']?.split(', ')).toHaveLength(10);
    expect(fields['ratelimit-policy']).toContain('"r29"');
    expect(fields.ratelimit).toBe('"r29";r=1;t=0');
  });
});
