/**
 * Finds the sign-ins that alone would make a condition hold: all its other parts must hold already.
 * Used beside the criterion, never instead of it: a step-up grants nothing. Fails closed.
 */

import type { Caller } from '../request.ts';
import { joinStepUps, type StepUp } from '../step-up.ts';
import { type Condition, partsOf } from './condition.ts';
import { type Criterion, compileCriterion } from './criterion.ts';
import type { Situation } from './situation.ts';

/** Step-ups in written order; `asTheyAre` alone if no new sign-in is needed. */
export type StepUpsOf = (caller: Caller, situation?: Situation) => readonly StepUp[];

/** Most step-ups considered per condition; no real policy has more. */
const waysMax = 16;

/** No new sign-in is needed. */
export const asTheyAre: readonly StepUp[] = [{ acr: undefined, maxAgeS: undefined }];

/**
 * Undefined if the condition asks nothing of a sign-in.
 * @param toHolds compiles the other parts; by default, conditions on arguments or objects do not
 * hold
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

/** Fails closed: a criterion that throws is not met. */
function isMet(holds: Criterion, caller: Caller, situation: Situation | undefined): boolean {
  try {
    return holds(caller, situation);
  } catch {
    return false;
  }
}

/** Any one of the lists is enough. */
export function oneOf(lists: readonly (readonly StepUp[])[]): readonly StepUp[] {
  return distinct(lists.flat());
}

/** One step-up of each list, combined; combinations that no single sign-in can meet are dropped. */
export function allOf(lists: readonly (readonly StepUp[])[]): readonly StepUp[] {
  let ways: readonly StepUp[] = lists.length === 0 ? [] : asTheyAre;
  for (const list of lists) {
    ways = distinct(ways.flatMap((one) => list.flatMap((other) => joinStepUps(one, other) ?? [])));
  }
  return ways;
}

function distinct(ways: readonly StepUp[]): readonly StepUp[] {
  if (ways.some(({ acr, maxAgeS }) => acr === undefined && maxAgeS === undefined)) return asTheyAre;
  const byKey = new Map<string, StepUp>();
  for (const way of ways) {
    const key = JSON.stringify([way.acr, way.maxAgeS]);
    if (!byKey.has(key) && byKey.size < waysMax) byKey.set(key, way);
  }
  return [...byKey.values()];
}
