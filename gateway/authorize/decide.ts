/** The decision on one coordinate for one caller: pure, from the compiled policy and the bit set. */
import type { MaskName } from '../plan.ts';
import type { AccessRule } from './access-file.ts';
import type { Grants } from './grants.ts';
import type { CoordinatePolicy } from './policy.ts';

export type Verdict =
  | { readonly kind: 'allow'; readonly rule: AccessRule }
  | { readonly kind: 'mask'; readonly rule: AccessRule; readonly mask: MaskName }
  | {
      readonly kind: 'refuse';
      readonly outcome: 'deny' | 'hide' | 'reject';
      /** Conditions of which one more would be needed, or all (`require`), for `explain`. */
      readonly missing: readonly { readonly condition: number; readonly rule: AccessRule }[];
      readonly forbid: AccessRule | undefined;
    };

export type Decide = (policy: CoordinatePolicy, grants: Grants) => Verdict;

export const decide: Decide = (policy, grants) => {
  const unmet = policy.requires.filter((clause) => !grants.holds(clause.condition));
  if (policy.forbid === undefined && unmet.length === 0) {
    const granted = policy.grants.find((clause) => grants.holds(clause.condition));
    if (granted !== undefined) return { kind: 'allow', rule: granted.rule };
    const masked = policy.masks.find((clause) => grants.holds(clause.condition));
    if (masked !== undefined) return { kind: 'mask', rule: masked.rule, mask: masked.mask };
  }
  return {
    kind: 'refuse',
    outcome: policy.outcome,
    forbid: policy.forbid,
    missing: unmet.length > 0 ? unmet : policy.grants,
  };
};
