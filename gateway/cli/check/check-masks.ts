/**
 * Finds masks that nobody gets: whoever such a mask is for has the whole value, or an earlier mask,
 * or is refused by a requirement. Exact where the callers of a coordinate can be enumerated; where
 * there are too many, nothing is said.
 */
import type { MaskClause, Policy } from '../../authorize/policy.ts';
import type { Condition } from '../../conditions/condition.ts';
import { callersOf } from '../diff/diff-callers.ts';

export interface DeadMask {
  readonly coordinate: string;
  readonly mask: string;
  readonly rule: string;
  readonly file: string;
  readonly line: number;
}

export function findDeadMasks(
  { fields, conditions }: Pick<Policy, 'fields' | 'conditions'>,
  anonymousAllowed: boolean,
): readonly DeadMask[] {
  const known = new Map<string, readonly number[]>();
  return [...fields.values()].flatMap(({ coordinate, forbid, grants, requires, masks }) => {
    if (masks.length === 0 || forbid !== undefined) return [];
    const asked = [grants, requires, masks].map((list) => list.map(({ condition }) => condition));
    const key = JSON.stringify(asked);
    const dead = known.get(key) ?? deadAmong(asked.map(toConditions(conditions)), anonymousAllowed);
    known.set(key, dead);
    return dead.flatMap((index) => toDeadMask(coordinate, masks, index));
  });
}

const toConditions =
  (all: readonly Condition[]) =>
  (numbers: readonly number[]): Condition[] =>
    numbers.flatMap((one) => all[one] ?? []);

/** Indexes of the masks that no caller gets. */
function deadAmong(
  [grants = [], requires = [], masks = []]: readonly (readonly Condition[])[],
  anonymousAllowed: boolean,
): readonly number[] {
  const callers = callersOf([...grants, ...requires, ...masks], anonymousAllowed);
  if (callers === undefined) return [];
  const dead = new Set(masks.keys());
  for (const { holds } of callers) {
    if (grants.some(holds) || !requires.every(holds)) continue;
    dead.delete(masks.findIndex(holds));
  }
  return [...dead];
}

function toDeadMask(coordinate: string, masks: readonly MaskClause[], index: number): DeadMask[] {
  const clause = masks[index];
  if (clause === undefined) return [];
  const { rule, mask } = clause;
  const { file, line } = rule.otherwise?.masks[index]?.source ?? rule.source;
  return [{ coordinate, mask, rule: rule.name, file, line }];
}

export const toDeadMaskText = ({ coordinate, mask, rule, file, line }: DeadMask): string =>
  `${coordinate}: ${mask} of ${rule} (${file}:${line}) is shown to nobody: whom it is for has the whole value, or a mask before it, or is refused`;
