/**
 * In which ways signing in anew, and nothing else, would make a condition hold: what is not about
 * the sign-in must hold already. Beside the criterion and never in its place: a way grants nothing.
 */

import type { Caller } from '../request.ts';
import { joinStepUps, type StepUp } from '../step-up.ts';
import { type Condition, partsOf } from './condition.ts';
import { type Criterion, compileCriterion } from './criterion.ts';
import type { Situation } from './situation.ts';

/** Ways in the order of writing; one that asks for nothing alone where no sign-in is needed. */
export type StepUpsOf = (caller: Caller, situation?: Situation) => readonly StepUp[];

/** Looked at; a policy that has more means something else. */
const waysMax = 16;

/** No new sign-in is needed. */
export const asTheyAre: readonly StepUp[] = [{ acr: undefined, maxAgeS: undefined }];

/**
 * Undefined where the condition asks nothing of a sign-in.
 * @param toHolds of what is not about it; unless told, what looks at arguments or objects does not hold
 */
export function compileStepUps(
  condition: Condition,
  toHolds: (part: Condition) => Criterion = compileCriterion,
): StepUpsOf | undefined {
  const asks = [...partsOf(condition)].some((part) => part.kind === 'auth');
  return asks ? waysOf(condition, toHolds) : undefined;
}

function waysOf(condition: Condition, toHolds: (part: Condition) => Criterion): StepUpsOf {
  switch (condition.kind) {
    case 'auth': {
      const ways = [condition.signIn];
      return ({ kind }) => (kind === 'token' ? ways : []);
    }
    case 'any': {
      const parts = condition.of.map((part) => waysOf(part, toHolds));
      return (caller, situation) => oneOf(parts.map((ways) => ways(caller, situation)));
    }
    case 'all': {
      const parts = condition.of.map((part) => waysOf(part, toHolds));
      return (caller, situation) => allOf(parts.map((ways) => ways(caller, situation)));
    }
    default: {
      const holds = toHolds(condition);
      return (caller, situation) => (isMet(holds, caller, situation) ? asTheyAre : []);
    }
  }
}

/** Fails closed: what throws is not met. */
function isMet(holds: Criterion, caller: Caller, situation: Situation | undefined): boolean {
  try {
    return holds(caller, situation);
  } catch {
    return false;
  }
}

/** Any of these lists is enough. */
export function oneOf(lists: readonly (readonly StepUp[])[]): readonly StepUp[] {
  return distinct(lists.flat());
}

/** One of each list, together; those that no sign-in can meet at once are no way. */
export function allOf(lists: readonly (readonly StepUp[])[]): readonly StepUp[] {
  let ways: readonly StepUp[] = lists.length === 0 ? [] : asTheyAre;
  for (const list of lists) {
    ways = distinct(ways.flatMap((one) => list.flatMap((other) => joinStepUps(one, other) ?? [])));
  }
  return ways;
}

function distinct(ways: readonly StepUp[]): readonly StepUp[] {
  if (ways.some(({ acr, maxAgeS }) => acr === undefined && maxAgeS === undefined)) return asTheyAre;
  const known = new Map<string, StepUp>();
  for (const way of ways) {
    const key = JSON.stringify([way.acr, way.maxAgeS]);
    if (!known.has(key) && known.size < waysMax) known.set(key, way);
  }
  return [...known.values()];
}
