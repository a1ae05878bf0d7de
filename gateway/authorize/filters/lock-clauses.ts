/**
 * The conditions of a coordinate as a second lock asks them: of the policy and the request alone,
 * without grants and their caches. Fails closed: a condition that throws does not hold.
 */
import {
  type Criterion,
  compileCriterion,
  compileUnread,
  compileUpperBound,
} from '../../conditions/criterion.ts';
import type { RequestRecord } from '../../request.ts';
import type { CoordinatePolicy, Policy } from '../policy.ts';

/** What a lock reads of a request. */
export type LockedRecord = Pick<RequestRecord, 'caller' | 'country' | 'networks' | 'startedAtMs'>;

/** Conditions by their index: all of the first and any of the second. */
export interface Clauses {
  readonly all: readonly number[];
  readonly any: readonly number[];
  readonly asked: keyof Criteria;
}

/** What each condition says of a caller. */
export interface Criteria {
  readonly certain: readonly Criterion[];
  /** At most, where arguments decide behind this lock, and no object that is read before a write. */
  readonly unread: readonly Criterion[];
  /** At most, where arguments or objects decide behind this lock. */
  readonly upper: readonly Criterion[];
}

export function toCriteria({ conditions, perUse }: Policy): Criteria {
  const certain = conditions.map(compileCriterion);
  if (perUse.size === 0) return { certain, unread: certain, upper: certain };
  const unread = conditions.map(compileUnread);
  return { certain, unread, upper: conditions.map((one) => compileUpperBound(one)) };
}

/** Whether an object that is read before a write may decide on it. */
export function isReadFirst({ fields, perUse }: Policy, coordinate: string): boolean {
  const { requires = [], grants = [], masks = [] } = fields.get(coordinate) ?? {};
  return [...requires, ...grants, ...masks].some(
    ({ condition }) => perUse.get(condition)?.before !== undefined,
  );
}

/** Undefined where nobody has it. */
export function toClauses(
  policy: CoordinatePolicy,
  isMasked: boolean,
  asked: keyof Criteria,
): Clauses | undefined {
  if (policy.forbid !== undefined) return undefined;
  const clauses = [...policy.grants, ...(isMasked ? policy.masks : [])];
  if (clauses.length === 0) return undefined;
  const indexes = (list: readonly { condition: number }[]): number[] =>
    [...new Set(list.map(({ condition }) => condition))].sort((one, other) => one - other);
  return { all: indexes(policy.requires), any: indexes(clauses), asked };
}

export function holdAll(
  clauses: readonly Clauses[],
  criteria: Criteria,
  { caller, country, networks, startedAtMs: nowMs }: LockedRecord,
): boolean {
  if (caller === undefined) return false;
  const situation = { country, networks, nowMs };
  try {
    return clauses.every(({ all, any, asked }) => {
      const holds = (index: number): boolean =>
        criteria[asked][index]?.(caller, situation) === true;
      return all.every(holds) && any.some(holds);
    });
  } catch {
    // What cannot be evaluated is not granted.
    return false;
  }
}
