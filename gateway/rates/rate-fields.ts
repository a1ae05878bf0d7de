/**
 * The RateLimit and RateLimit-Policy header fields (draft-ietf-httpapi-ratelimit-headers-10): all
 * policies that were charged, and the state of one of them: the nearest to its limit, or the one
 * that refused.
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

/** Most policies named in one answer; the one whose state is given is always among them. */
const policiesMax = 10;

export function toRateFields(
  rates: readonly CompiledRate[],
  outcome: Exclude<Outcome, { ok: 'unavailable' }>,
): RateFields {
  const order = rates.length === 1 ? first : byStanding(rates, outcome.remaining);
  const index = outcome.ok ? order[0] : outcome.refused;
  const nearest = index === undefined ? undefined : rates[index];
  if (index === undefined || nearest === undefined) return {};
  const resetSeconds = Math.ceil((outcome.resetMs[index] ?? 0) / 1000);
  return {
    'ratelimit-policy': rates.length === 1 ? textOf(nearest) : textOfAll(nearest, order, rates),
    ratelimit: `"${nearest.name}";r=${outcome.remaining[index] ?? 0};t=${resetSeconds}`,
  };
}

const first: readonly number[] = [0];

/** The last text that begins with a rate: the order of the others hardly changes. */
const allTexts = new WeakMap<CompiledRate, { order: readonly CompiledRate[]; text: string }>();

function textOfAll(
  nearest: CompiledRate,
  order: readonly number[],
  rates: readonly CompiledRate[],
): string {
  const known = allTexts.get(nearest);
  if (known !== undefined && isInOrder(known.order, order, rates)) return known.text;
  const policies = [textOf(nearest)];
  for (const at of order) {
    const rate = rates[at];
    if (rate === undefined || policies.length === policiesMax) break;
    const text = textOf(rate);
    if (!policies.includes(text)) policies.push(text);
  }
  const text = policies.join(', ');
  allTexts.set(nearest, { order: order.flatMap((at) => rates[at] ?? []), text });
  return text;
}

function isInOrder(
  known: readonly CompiledRate[],
  order: readonly number[],
  rates: readonly CompiledRate[],
): boolean {
  if (known.length !== order.length) return false;
  for (let index = 0; index < known.length; index += 1) {
    if (known[index] !== rates[order[index] ?? 0]) return false;
  }
  return true;
}

/** Indexes of the rates, nearest to its limit first; equal ones keep their order. */
function byStanding(rates: readonly CompiledRate[], remaining: readonly number[]): number[] {
  const order = rates.map((_, index) => index);
  // Insertion sort: they are few, and mostly in order.
  for (let end = 1; end < order.length; end += 1) {
    const share = shareLeft(rates, remaining, end);
    let at = end;
    for (; at > 0 && shareLeft(rates, remaining, order[at - 1] ?? 0) > share; at -= 1) {
      order[at] = order[at - 1] ?? 0;
    }
    order[at] = end;
  }
  return order;
}

const shareLeft = (
  rates: readonly CompiledRate[],
  remaining: readonly number[],
  index: number,
): number => (remaining[index] ?? 0) / (rates[index]?.limit ?? 0);
