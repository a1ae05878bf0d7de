/**
 * Derives who may use a filter that no rule names: callers who have every field that it means,
 * unmasked. In the form of a rule on the filter itself, so that plans, views, `explain`, `matrix`
 * and `diff` treat it like any other. A mask never permits filtering. If no rule lists what the
 * filter means, it is in no view either.
 */
import type { Condition } from '../../conditions/condition.ts';
import type { Clause, CoordinatePolicy, FilterMatch } from '../policy.ts';

export interface LockTools {
  readonly conditions: readonly Condition[];
  /** The number of a condition. */
  id(condition: Condition): number;
  forAll(clause: Clause): boolean;
}

/**
 * @param own the policy from wildcards over its type: it opens nothing that a class protects, but
 * its requirements and denials hold, and where writes reach the filter (`isWritten`) its grant is
 * needed too
 */
export function lockFilter(
  { coordinate, means }: FilterMatch,
  about: {
    fields: ReadonlyMap<string, CoordinatePolicy>;
    own: CoordinatePolicy | undefined;
    isWritten: boolean;
    compiler: LockTools;
  },
): CoordinatePolicy {
  const { fields, own, isWritten, compiler } = about;
  const meant = means.flatMap((one) => fields.get(one) ?? []);
  const all = own === undefined ? meant : [own, ...meant];
  const [first, ...others] = isWritten ? all : meant;
  const isNobodys = meant.some(({ grants }) => grants.length === 0);
  const grants = isNobodys ? [] : (first?.grants ?? []);
  const needed = others.flatMap((one) => anyOf(one.grants, compiler) ?? []);
  const held = new Set(grants.length === 1 ? grants.map(({ condition }) => condition) : []);
  const requires = [...all.flatMap((one) => one.requires), ...needed].filter(({ condition }) => {
    const isNew = !held.has(condition);
    held.add(condition);
    return isNew;
  });
  const forbid = all.find((one) => one.forbid !== undefined)?.forbid;
  return Object.freeze({
    coordinate,
    classes: [...new Set(all.flatMap(({ classes }) => classes))].sort(),
    grants,
    requires,
    forbid,
    masks: [],
    outcome: outcomeOf(meant, own),
    listed: meant.every(({ listed }) => listed),
    guaranteed:
      forbid === undefined &&
      requires.every((clause) => compiler.forAll(clause)) &&
      grants.some((clause) => compiler.forAll(clause)),
    broadOnly: false,
    isImplied: true,
  });
}

/** One condition for several grants, any of which suffices; undefined if there are none. */
function anyOf(grants: readonly Clause[], compiler: LockTools): Clause | undefined {
  const [first] = grants;
  if (first === undefined || grants.length === 1) return first;
  const of = grants.flatMap(({ condition }) => compiler.conditions[condition] ?? []);
  return { condition: compiler.id({ kind: 'any', of }), rule: first.rule };
}

/** A filter must not reveal a field that is hidden from the caller. */
function outcomeOf(
  meant: readonly CoordinatePolicy[],
  own: CoordinatePolicy | undefined,
): CoordinatePolicy['outcome'] {
  const outcomes = [...meant, ...(own === undefined ? [] : [own])].map(({ outcome }) => outcome);
  if (outcomes.includes('hide')) return 'hide';
  return outcomes.includes('reject') ? 'reject' : 'deny';
}
