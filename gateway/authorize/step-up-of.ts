/**
 * Decides whether a new sign-in alone would grant what is refused. Pure, from the bit set and the
 * step-ups beside it; changes no decision. If anything else is missing there is no step-up: a
 * caller without a scope does not learn that the field asks for a second factor too. Arguments are
 * known.
 */
import { allOf, asTheyAre, oneOf } from '../conditions/step-up.ts';
import type { StepUp } from '../step-up.ts';
import type { Answers } from './grants.ts';
import type { Clause, CoordinatePolicy } from './policy.ts';

type Policies = readonly (CoordinatePolicy | undefined)[];
type Ways = readonly StepUp[];

/**
 * The step-up that meets all of these coordinates at once; undefined if none does. Requirements on
 * objects count as met if some object may meet them: none has been read yet. @param byArguments the
 * same answers, with the arguments of this use taken into account
 */
export function stepUpOf(
  policies: Policies,
  grants: Answers,
  byArguments: Answers = grants,
): StepUp | undefined {
  return firstOf(policies, ({ condition, ofObjects, ofRead }, { isImplied }) => {
    // Conditions on arguments or objects do not open an implied lock.
    const ways = isImplied ? grants.stepUps(condition) : byArguments.stepUpsAtMost(condition);
    const isCertain = isImplied && !ofObjects && !ofRead;
    const isMet = isCertain ? grants.holds(condition) : byArguments.mayHold(condition);
    return ways ?? (isMet ? asTheyAre : []);
  });
}

/**
 * The step-up that opens a field on which objects decide, at each of them alike; undefined if the
 * field might stay closed at one, or the step-up would reveal something about the object. What
 * `types` require counts as met if some object may meet it: an object that does not is refused
 * where it is delivered.
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
  // The current sign-in suffices: only `types` keep anything closed.
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
