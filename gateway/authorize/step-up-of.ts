/**
 * Whether signing in anew, alone, would grant what is refused. Pure, from the same bit set and the
 * ways beside it; changes no decision. Where anything else is missing, there is no way: a caller who
 * lacks a scope does not learn that the field asks for a second factor too. Arguments are known; what
 * is asked of objects counts as met where some object may meet it: none has been looked at.
 */
import { allOf, asTheyAre, oneOf } from '../conditions/step-up.ts';
import type { StepUp } from '../step-up.ts';
import type { Answers } from './grants.ts';
import type { Clause, CoordinatePolicy } from './policy.ts';

/**
 * What meets all of these coordinates at once; undefined where no sign-in does.
 * @param byArguments the same answers, with those on the arguments of this use in their place
 */
export function stepUpOf(
  policies: readonly (CoordinatePolicy | undefined)[],
  grants: Answers,
  byArguments: Answers = grants,
): StepUp | undefined {
  const [first] = allOf(policies.map((policy) => waysOf(policy, grants, byArguments)));
  return first;
}

function waysOf(
  policy: CoordinatePolicy | undefined,
  grants: Answers,
  byArguments: Answers,
): readonly StepUp[] {
  if (policy === undefined || policy.forbid !== undefined) return [];
  const { isImplied } = policy;
  const waysOfClause = ({ condition, ofObjects, ofRead }: Clause): readonly StepUp[] => {
    // What arguments or objects decide does not open it.
    const ways = isImplied ? grants.stepUps(condition) : byArguments.stepUpsAtMost(condition);
    if (ways !== undefined) return ways;
    const isCertain = isImplied && !ofObjects && !ofRead;
    const isMet = isCertain ? grants.holds(condition) : byArguments.mayHold(condition);
    return isMet ? asTheyAre : [];
  };
  return allOf([...policy.requires.map(waysOfClause), oneOf(policy.grants.map(waysOfClause))]);
}
