/**
 * Finds the sign-ins that alone would make a condition hold: all its other parts must hold already.
 * Used beside the criterion, never instead of it: a step-up grants nothing. Fails closed.
 */

import type { Caller } from '../request.ts';
import { joinStepUps, type StepUp } from '../step-up.ts';
import { asksForArguments, type Condition, partsOf } from './condition.ts';
import { compileCriterion, compileUpperBound } from './criterion.ts';
import type { Situation } from './situation.ts';
import { specialise, type Use } from './use.ts';

/**
 * Step-ups in written order; `asTheyAre` alone if no new sign-in is needed.
 * @param args arguments of one use, if the condition reads them
 */
export type StepUpsOf = (
  caller: Caller,
  situation?: Situation,
  args?: Use['args'],
) => readonly StepUp[];

type Holds = (caller: Caller, situation: Situation | undefined, args: Use['args']) => boolean;

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
  toHolds: (part: Condition) => Holds = compileCriterion,
): StepUpsOf | undefined {
  const asks = [...partsOf(condition)].some((part) => part.kind === 'auth');
  return asks ? waysOf(condition, toHolds) : undefined;
}

/** The same with what is known at one use: what hangs on objects may hold, where it may for this caller. */
export const compileStepUpsAtUse = (condition: Condition): StepUpsOf | undefined =>
  compileStepUps(condition, (part) => {
    const atMost = compileUpperBound(part);
    if (!asksForArguments(part)) return atMost;
    return (caller, situation, args) => {
      const residual = specialise(part, { caller, situation, args });
      return typeof residual === 'function' ? atMost(caller, situation) : residual;
    };
  });

function waysOf(condition: Condition, toHolds: (part: Condition) => Holds): StepUpsOf {
  switch (condition.kind) {
    case 'auth': {
      const ways = [condition.signIn];
      return ({ kind }) => (kind === 'token' ? ways : []);
    }
    case 'any': {
      const parts = condition.of.map((part) => waysOf(part, toHolds));
      return (...given) => oneOf(parts.map((ways) => ways(...given)));
    }
    case 'all': {
      const parts = condition.of.map((part) => waysOf(part, toHolds));
      return (...given) => allOf(parts.map((ways) => ways(...given)));
    }
    default: {
      const holds = toHolds(condition);
      return (caller, situation, args) => (isMet(holds, caller, situation, args) ? asTheyAre : []);
    }
  }
}

/** Fails closed: a criterion that throws is not met. */
function isMet(holds: Holds, ...given: Parameters<Holds>): boolean {
  try {
    return holds(...given);
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
