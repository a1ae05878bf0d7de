/**
 * Lists every rule in shadow mode, wherever it is written, and checks when its shadow period ends.
 */
import type { NetworkTrial } from '../admit/network-policy.ts';
import { nameOf } from '../admit/network-trials.ts';
import type { AccessRule } from '../authorize/access/access-file.ts';
import type { Problem } from '../files/config-error.ts';
import type { SourceLocation } from '../files/source-location.ts';
import type { WrittenRate } from '../rates/rates-file.ts';
import { isTooFar, type Shadow, type ShadowKind, shadowDaysMax } from '../shadow.ts';
import { changesAfter, type TimedPolicies } from './policies-at.ts';

export interface WrittenTrial {
  readonly kind: ShadowKind;
  readonly name: string;
  /** Whether it would grant, so that it never takes effect by itself. */
  readonly grants: boolean;
  /** Its effect and targets as text: equal text means equal rules. */
  readonly says: string;
  readonly source: SourceLocation;
  readonly shadow: Shadow & { readonly source: SourceLocation };
}

export function trialsIn(policies: TimedPolicies): readonly WrittenTrial[] {
  const { rules, rates, network, limitTrials } = policies;
  return [
    ...rules.flatMap(ofRule),
    ...rates.flatMap(ofRate),
    ...limitTrials.map(({ name, limit, source, shadow }): WrittenTrial => {
      const says = String(limit);
      return { kind: 'limit', name: `limits.${name}`, grants: false, says, source, shadow };
    }),
    ...network.trials.map(ofNetwork),
  ];
}

export function ofNetwork(trial: NetworkTrial): WrittenTrial {
  const { source, shadow, names } = trial;
  const says = names.toSorted().join(' ');
  return { kind: 'network', name: nameOf(trial), grants: false, says, source, shadow };
}

function ofRule(rule: AccessRule): WrittenTrial[] {
  const { name, allow, require, forbid, fields, types, source, shadow } = rule;
  if (shadow === undefined) return [];
  const targets = [
    ...fields.map((one) => `${one.type}.${one.name}`),
    ...types.map((one) => one.name),
  ];
  const says = JSON.stringify({ allow, require, forbid, targets: targets.sort() });
  return [{ kind: 'access', name, grants: allow !== undefined, says, source, shadow }];
}

function ofRate({ name, source, shadow, fields, ...rate }: WrittenRate): WrittenTrial[] {
  if (shadow === undefined) return [];
  const targets = fields.map((one) => `${one.type}.${one.name}`);
  const says = JSON.stringify({ ...rate, targets: targets.sort() });
  return [{ kind: 'rate', name, grants: false, says, source, shadow }];
}

/** Each change is one more set of policies that is kept ready for its moment. */
const changesMax = 5;

/** Reports trials that last too long or end on too many different days. */
export function checkTrials(policies: TimedPolicies, nowMs: number): Problem[] {
  const trials = trialsIn(policies);
  const late = changesAfter(policies, nowMs)[changesMax];
  return trials.flatMap(({ kind, grants, shadow }): Problem[] => {
    const problem = { ...shadow.source, path: '', code: 'out-of-range' } as const;
    if (isTooFar(shadow, nowMs)) {
      const message = `"until" must be at most ${shadowDaysMax} days from now: nothing is on trial for ever`;
      return [{ ...problem, message }];
    }
    if (late === undefined || shadow.endsAtMs < late || grants || kind === 'network') return [];
    const message = `trials end on at most ${changesMax} different days: let this one end with another`;
    return [{ ...problem, message }];
  });
}
