/**
 * Whether signing in anew, alone, would grant what is refused. Pure, from the same bit set and the
 * ways beside it; changes no decision. Where anything else is missing, there is no way: a caller who
 * lacks a scope does not learn that the field asks for a second factor too.
 */
import { allOf, asTheyAre, oneOf } from '../conditions/step-up.ts';
import type { StepUp } from '../step-up.ts';
import type { Answers } from './grants.ts';
import type { Clause, CoordinatePolicy } from './policy.ts';

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
  const waysOfClause = ({ condition, ofObjects, ofRead }: Clause): readonly StepUp[] => {
    const ways = grants.stepUps(condition);
    if (ways !== undefined) return ways;
    // What `types` require is asked of each object, whoever has signed in how.
    const isMet = ofObjects || ofRead ? grants.mayHold(condition) : grants.holds(condition);
    return isMet ? asTheyAre : [];
  };
  return allOf([...policy.requires.map(waysOfClause), oneOf(policy.grants.map(waysOfClause))]);
}
