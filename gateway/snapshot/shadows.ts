/**
 * Lists every rule in shadow mode, wherever it is written, and checks when its shadow period ends.
 */
import type { NetworkShadow } from '../admit/network-policy.ts';
import { nameOf } from '../admit/network-shadows.ts';
import type { AccessRule } from '../authorize/access/access-file.ts';
import type { Problem } from '../files/config-error.ts';
import type { SourceLocation } from '../files/source-location.ts';
import type { WrittenRate } from '../rates/rates-file.ts';
import { isTooFar, type Shadow, type ShadowKind, shadowDaysMax } from '../shadow.ts';
import { changesAfter, type TimedPolicies } from './policies-at.ts';

export interface WrittenShadow {
  readonly kind: ShadowKind;
  readonly name: string;
  /** Whether it would grant, so that it never takes effect by itself. */
  readonly grants: boolean;
  /** Its effect and targets as text: equal text means equal rules. */
  readonly says: string;
  readonly source: SourceLocation;
  readonly shadow: Shadow & { readonly source: SourceLocation };
}

export function shadowsIn(policies: TimedPolicies): readonly WrittenShadow[] {
  const { rules, rates, network, limitShadows } = policies;
  return [
    ...rules.flatMap(ofRule),
    ...rates.flatMap(ofRate),
    ...limitShadows.map(({ name, limit, source, shadow }): WrittenShadow => {
      const says = String(limit);
      return { kind: 'limit', name: `limits.${name}`, grants: false, says, source, shadow };
    }),
    ...network.shadows.map(ofNetwork),
  ];
}

export function ofNetwork(written: NetworkShadow): WrittenShadow {
  const { source, shadow, names } = written;
  const says = names.toSorted().join(' ');
  return { kind: 'network', name: nameOf(written), grants: false, says, source, shadow };
}

function ofRule(rule: AccessRule): WrittenShadow[] {
  const { name, allow, require, forbid, fields, types, source, shadow } = rule;
  if (shadow === undefined) return [];
  const targets = [
    ...fields.map((one) => `${one.type}.${one.name}`),
    ...types.map((one) => one.name),
  ];
  const says = JSON.stringify({ allow, require, forbid, targets: targets.sort() });
  return [{ kind: 'access', name, grants: allow !== undefined, says, source, shadow }];
}

function ofRate({ name, source, shadow, fields, ...rate }: WrittenRate): WrittenShadow[] {
  if (shadow === undefined) return [];
  const targets = fields.map((one) => `${one.type}.${one.name}`);
  const says = JSON.stringify({ ...rate, targets: targets.sort() });
  return [{ kind: 'rate', name, grants: false, says, source, shadow }];
}

/** Each change is one more set of policies that is kept ready for its moment. */
const changesMax = 5;

/** Reports rules whose shadow mode lasts too long or ends on too many different days. */
export function checkShadows(policies: TimedPolicies, nowMs: number): Problem[] {
  const shadows = shadowsIn(policies);
  const late = changesAfter(policies, nowMs)[changesMax];
  return shadows.flatMap(({ kind, grants, shadow }): Problem[] => {
    const problem = { ...shadow.source, path: '', code: 'out-of-range' } as const;
    if (isTooFar(shadow, nowMs)) {
      const message = `"until" must be at most ${shadowDaysMax} days from now: nothing is in shadow mode for ever`;
      return [{ ...problem, message }];
    }
    if (late === undefined || shadow.endsAtMs < late || grants || kind === 'network') return [];
    const message = `shadow mode ends on at most ${changesMax} different days: let this one end with another`;
    return [{ ...problem, message }];
  });
}
