/**
 * Whether signing in anew, alone, would grant what is refused. Pure, from the same bit set and the
 * ways beside it; changes no decision. Where anything else is missing, there is no way: a caller who
 * lacks a scope does not learn that the field asks for a second factor too. Arguments are known.
 */
import { allOf, asTheyAre, oneOf } from '../conditions/step-up.ts';
import type { StepUp } from '../step-up.ts';
import type { Answers } from './grants.ts';
import type { Clause, CoordinatePolicy } from './policy.ts';

type Policies = readonly (CoordinatePolicy | undefined)[];
type Ways = readonly StepUp[];

/**
 * What meets all of these coordinates at once; undefined where no sign-in does. What is asked of objects
 * counts as met where some object may meet it: none has been looked at.
 * @param byArguments the same answers, with those on the arguments of this use in their place
 */
export function stepUpOf(
  policies: Policies,
  grants: Answers,
  byArguments: Answers = grants,
): StepUp | undefined {
  return firstOf(policies, ({ condition, ofObjects, ofRead }, { isImplied }) => {
    // What arguments or objects decide does not open it.
    const ways = isImplied ? grants.stepUps(condition) : byArguments.stepUpsAtMost(condition);
    const isCertain = isImplied && !ofObjects && !ofRead;
    const isMet = isCertain ? grants.holds(condition) : byArguments.mayHold(condition);
    return ways ?? (isMet ? asTheyAre : []);
  });
}

/**
 * What opens a field on which objects decide, at each of them alike; undefined where it might stay
 * closed at one, or what is said would tell of the object. What `types` ask is met where there is an
 * object to refuse it at.
 */
export function stepUpOfEach(
  policies: Policies,
  grants: Answers,
  byArguments: Answers,
): StepUp | undefined {
  const first = firstOf(policies, ({ condition, ofObjects }) => {
    const ways = ofObjects ? grants.stepUpsAtMost(condition) : grants.stepUps(condition);
    const isMet = ofObjects ? grants.mayHold(condition) : byArguments.holds(condition);
    return ways ?? (isMet ? asTheyAre : []);
  });
  // As it is: nothing is closed but what `types` close.
  return first?.acr === undefined && first?.maxAgeS === undefined ? undefined : first;
}

function firstOf(
  policies: Policies,
  toWays: (clause: Clause, policy: CoordinatePolicy) => Ways,
): StepUp | undefined {
  const waysOf = (policy: CoordinatePolicy | undefined): Ways => {
    if (policy === undefined || policy.forbid !== undefined) return [];
    const of = (clause: Clause) => toWays(clause, policy);
    return allOf([...policy.requires.map(of), oneOf(policy.grants.map(of))]);
  };
  return allOf(policies.map(waysOf))[0];
}
