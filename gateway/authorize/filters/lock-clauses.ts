/**
 * Evaluates the conditions of a coordinate for a second lock: from the policy and the request
 * alone, without grants and their caches. Fails closed: a condition that throws does not hold.
 */
import {
  type Criterion,
  compileCriterion,
  compileUnread,
  compileUpperBound,
} from '../../conditions/criterion.ts';
import type { RequestRecord } from '../../request.ts';
import type { CoordinatePolicy, Policy } from '../policy.ts';

/** The part of a request that a lock reads. */
export type LockedRecord = Pick<RequestRecord, 'caller' | 'country' | 'networks' | 'startedAtMs'>;

/** Conditions by index: all of `all` and any of `any` must hold. */
export interface Clauses {
  readonly all: readonly number[];
  readonly any: readonly number[];
  readonly asked: keyof Criteria;
}

/** Each condition as a test of the caller. */
export interface Criteria {
  readonly certain: readonly Criterion[];
  /** Upper bound if arguments are judged behind this lock, but no object read before a write. */
  readonly unread: readonly Criterion[];
  /** Upper bound if arguments or objects are judged behind this lock. */
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

/** Undefined if no caller has it. */
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
    // A condition that cannot be evaluated is not granted.
    return false;
  }
}
