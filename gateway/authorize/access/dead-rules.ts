/**
 * Finds access rules that allow nothing, contrary to what the operator may think: what they name is
 * forbidden, or is named more closely or put into a class by another rule.
 */

import type { CoordinatePolicy, Policy } from '../policy.ts';
import type { AccessRule } from './access-file.ts';

/** In the order of the files. */
export function findDeadRules(rules: readonly AccessRule[], policy: Policy): AccessRule[] {
  const alive = new Set([...policy.fields.values(), ...policy.inputs.values()].flatMap(grantingAt));
  return rules.filter((rule) => rule.allow !== undefined && !alive.has(rule));
}

const grantingAt = ({ forbid, grants }: CoordinatePolicy): AccessRule[] =>
  forbid === undefined ? grants.map(({ rule }) => rule) : [];
