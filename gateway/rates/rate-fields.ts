/**
 * The RateLimit and RateLimit-Policy header fields, as draft-ietf-httpapi-ratelimit-headers-10
 * has them: every policy that was charged, and how one of them stands: the nearest to its limit, or
 * the one that refused.
 */
import type { CompiledRate } from './rate.ts';
import type { Outcome } from './store.ts';

export type RateFields = Readonly<Partial<Record<'ratelimit' | 'ratelimit-policy', string>>>;

const texts = new WeakMap<CompiledRate, string>();

function textOf(rate: CompiledRate): string {
  const known = texts.get(rate);
  if (known !== undefined) return known;
  const text = `"${rate.name}";q=${rate.limit};w=${Math.ceil(rate.windowMs / 1000)}`;
  texts.set(rate, text);
  return text;
}

/** Policies named in one answer; the one whose standing is told is always among them. */
const policiesMax = 10;

export function toRateFields(
  rates: readonly CompiledRate[],
  outcome: Exclude<Outcome, { ok: 'unavailable' }>,
): RateFields {
  const standing = rates.map((rate, index) => ({
    index,
    rate,
    remaining: outcome.remaining[index] ?? 0,
    resetMs: outcome.resetMs[index] ?? 0,
  }));
  standing.sort(
    (one, other) => one.remaining / one.rate.limit - other.remaining / other.rate.limit,
  );
  const nearest = outcome.ok
    ? standing[0]
    : standing.find(({ index }) => index === outcome.refused);
  if (nearest === undefined) return {};
  const policies = [nearest, ...standing].map(({ rate }) => textOf(rate));
  const resetSeconds = Math.ceil(nearest.resetMs / 1000);
  return {
    'ratelimit-policy': [...new Set(policies)].slice(0, policiesMax).join(', '),
    ratelimit: `"${nearest.rate.name}";r=${nearest.remaining};t=${resetSeconds}`,
  };
}
