/**
 * Whether signing in anew, alone, would grant what is refused. Pure, from the same bit set and the
 * ways beside it; changes no decision. Where anything else is missing, there is no way: a caller who
 * lacks a scope does not learn that the field asks for a second factor too.
 */
import { allOf, asTheyAre, oneOf } from '../conditions/step-up.ts';
import type { StepUp } from '../step-up.ts';
import type { Answers } from './grants.ts';
import type { CoordinatePolicy } from './policy.ts';

/** What meets all of these coordinates at once; undefined where no sign-in does. */
export function stepUpOf(
  policies: readonly (CoordinatePolicy | undefined)[],
  grants: Answers,
): StepUp | undefined {
  const [first] = allOf(policies.map((policy) => waysOf(policy, grants)));
  return first;
}

function waysOf(policy: CoordinatePolicy | undefined, grants: Answers): readonly StepUp[] {
  if (policy === undefined || policy.forbid !== undefined) return [];
  const waysOfClause = ({ condition }: { readonly condition: number }): readonly StepUp[] =>
    grants.stepUps(condition) ?? (grants.holds(condition) ? asTheyAre : []);
  return allOf([...policy.requires.map(waysOfClause), oneOf(policy.grants.map(waysOfClause))]);
}
