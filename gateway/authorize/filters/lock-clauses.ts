/**
 * The conditions of a coordinate as a second lock asks them: of the policy and the request alone,
 * without grants and their caches. Fails closed: a condition that throws does not hold.
 */
import { type Criterion, compileCriterion, compileUpperBound } from '../../conditions/criterion.ts';
import type { RequestRecord } from '../../request.ts';
import type { CoordinatePolicy, Policy } from '../policy.ts';

/** What a lock reads of a request. */
export type LockedRecord = Pick<RequestRecord, 'caller' | 'country' | 'networks' | 'startedAtMs'>;

/** Conditions by their index: all of the first and any of the second. */
export interface Clauses {
  readonly all: readonly number[];
  readonly any: readonly number[];
  /** Whether arguments or objects decide, behind this lock, what can hold at most. */
  readonly depends: boolean;
}

/** What each condition says of a caller for certain, and at most. */
export interface Criteria {
  readonly certain: readonly Criterion[];
  readonly upper: readonly Criterion[];
}

export function toCriteria({ conditions, perUse }: Policy): Criteria {
  const certain = conditions.map(compileCriterion);
  return { certain, upper: perUse.size === 0 ? certain : conditions.map(compileUpperBound) };
}

/** Whether nothing but an object that is read before a write decides on it later. */
export function isReadFirst({ fields, perUse }: Policy, coordinate: string): boolean {
  const { requires = [], grants = [], masks = [] } = fields.get(coordinate) ?? {};
  const later = [...requires, ...grants, ...masks].flatMap(
    ({ condition }) => perUse.get(condition) ?? [],
  );
  const isRead = later.some(({ before }) => before !== undefined);
  return isRead && !later.some(({ asksForArguments }) => asksForArguments);
}

/** Undefined where nobody has it. */
export function toClauses(
  policy: CoordinatePolicy,
  isMasked: boolean,
  depends: boolean,
): Clauses | undefined {
  if (policy.forbid !== undefined) return undefined;
  const clauses = [...policy.grants, ...(isMasked ? policy.masks : [])];
  if (clauses.length === 0) return undefined;
  const indexes = (list: readonly { condition: number }[]): number[] =>
    [...new Set(list.map(({ condition }) => condition))].sort((one, other) => one - other);
  return { all: indexes(policy.requires), any: indexes(clauses), depends };
}

export function holdAll(
  clauses: readonly Clauses[],
  { certain, upper }: Criteria,
  { caller, country, networks, startedAtMs: nowMs }: LockedRecord,
): boolean {
  if (caller === undefined) return false;
  const situation = { country, networks, nowMs };
  const holds = (index: number): boolean => certain[index]?.(caller, situation) === true;
  const mayHold = (index: number): boolean => upper[index]?.(caller, situation) === true;
  try {
    return clauses.every(({ all, any, depends }) => {
      const asked = depends ? mayHold : holds;
      return all.every(asked) && any.some(asked);
    });
  } catch {
    // What cannot be evaluated is not granted.
    return false;
  }
}
