/**
 * The conditions of a coordinate as a second lock asks them: of the policy and the request alone,
 * without grants and their caches. Fails closed: a condition that throws does not hold.
 */
import type { Criterion } from '../conditions/criterion.ts';
import type { RequestRecord } from '../request.ts';
import type { CoordinatePolicy } from './policy.ts';

/** What a lock reads of a request. */
export type LockedRecord = Pick<RequestRecord, 'caller' | 'country' | 'networks' | 'startedAtMs'>;

/** Conditions by their index: all of the first and any of the second. */
export interface Clauses {
  readonly all: readonly number[];
  readonly any: readonly number[];
}

/** Undefined where nobody has it. */
export function toClauses(policy: CoordinatePolicy, isMasked: boolean): Clauses | undefined {
  if (policy.forbid !== undefined) return undefined;
  const clauses = [...policy.grants, ...(isMasked ? policy.masks : [])];
  if (clauses.length === 0) return undefined;
  const indexes = (list: readonly { condition: number }[]): number[] =>
    [...new Set(list.map(({ condition }) => condition))].sort((one, other) => one - other);
  return { all: indexes(policy.requires), any: indexes(clauses) };
}

export function holdAll(
  clauses: readonly Clauses[],
  criteria: readonly Criterion[],
  { caller, country, networks, startedAtMs: nowMs }: LockedRecord,
): boolean {
  if (caller === undefined) return false;
  const situation = { country, networks, nowMs };
  const holds = (index: number): boolean => criteria[index]?.(caller, situation) === true;
  try {
    return clauses.every(({ all, any }) => all.every(holds) && any.some(holds));
  } catch {
    // What cannot be evaluated is not granted.
    return false;
  }
}
