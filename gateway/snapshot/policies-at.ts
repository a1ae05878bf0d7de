/**
 * Policies at a moment: which rules are in shadow mode then, and which are in force. A rule that
 * allows stays in shadow mode at any time, because the passing of time opens nothing.
 */
import type { NetworkPolicy } from '../admit/network-policy.ts';
import { networkAt } from '../admit/network-shadows.ts';
import type { AccessRule } from '../authorize/access/access-file.ts';
import type { LimitShadow } from '../limits/limit-shadows.ts';
import type { Limits } from '../limits/limits.ts';
import type { WrittenRate } from '../rates/rates-file.ts';
import { isOver, type Shadow } from '../shadow.ts';

/** The parts of policies that can be in shadow mode. */
export interface TimedPolicies {
  readonly rules: readonly AccessRule[];
  readonly rates: readonly WrittenRate[];
  readonly network: NetworkPolicy;
  readonly limits: Limits;
  readonly limitShadows: readonly LimitShadow[];
}

/** Removes `shadow` where its end has passed. */
export function policiesAt<P extends TimedPolicies>(policies: P, nowMs: number): P {
  const { rules, rates, network, limits, limitShadows } = policies;
  const over = limitShadows.filter(({ shadow }) => isOver(shadow, nowMs));
  const stricter: Partial<Limits> = Object.fromEntries(
    over.map(({ name, limit }) => [name, limit]),
  );
  return {
    ...policies,
    rules: rules.map((rule) => (rule.allow === undefined ? inForceAt(rule, nowMs) : rule)),
    rates: rates.map((rate) => inForceAt(rate, nowMs)),
    network: networkAt(network, nowMs),
    limits: over.length === 0 ? limits : Object.freeze({ ...limits, ...stricter }),
    limitShadows: limitShadows.filter((one) => !over.includes(one)),
  };
}

function inForceAt<R extends { readonly shadow?: Shadow }>(rule: R, nowMs: number): R {
  if (rule.shadow === undefined || !isOver(rule.shadow, nowMs)) return rule;
  const { shadow: _, ...rest } = rule;
  return rest as R;
}

/**
 * Times after `nowMs` at which the compiled policies change, in order. Network rules read the clock
 * themselves (admit/network-shadows.ts).
 */
export function changesAfter(
  { rules, rates, limitShadows }: Pick<TimedPolicies, 'rules' | 'rates' | 'limitShadows'>,
  nowMs: number,
): number[] {
  const shadows = [...rules.filter(({ allow }) => allow === undefined), ...rates, ...limitShadows];
  const moments = shadows.flatMap(({ shadow }) => (shadow === undefined ? [] : [shadow.endsAtMs]));
  return [...new Set(moments)].filter((one) => one > nowMs).sort((one, other) => one - other);
}
