/**
 * Compiles a condition of a policy file at boot to a predicate over the caller and the situation.
 *
 * A criterion does not read data, so a request evaluates it at most once; conditions that read
 * arguments or objects are decided in use.ts. There is no negation: a negated check that throws
 * would allow.
 */
import { readPinned } from '../plan/pinned.ts';
import type { Caller } from '../request.ts';
import { type Condition, isPerUse, readsRows } from './condition.ts';
import { authenticated } from './criteria/authenticated.ts';
import { claims } from './criteria/claims.ts';
import { clients } from './criteria/clients.ts';
import { everyone } from './criteria/everyone.ts';
import { withinHours } from './criteria/hours.ts';
import { network } from './criteria/network.ts';
import { regions } from './criteria/regions.ts';
import { roles } from './criteria/roles.ts';
import { scopes } from './criteria/scopes.ts';
import { signedIn } from './criteria/sign-in.ts';
import { type Situation, unknownSituation } from './situation.ts';

export type Criterion = (caller: Caller, situation?: Situation) => boolean;

/** Compiles a criterion; conditions on arguments or objects, decided per use, do not hold here. */
export function compileCriterion(condition: Condition): Criterion {
  return compile(condition, () => never);
}

/**
 * Compiles an upper bound: whether a condition can hold for some arguments and objects. With
 * `anyClaims`, conditions on arguments or objects are taken to hold whatever claims the caller has.
 */
export function compileUpperBound(
  condition: Condition,
  { anyClaims = false }: { anyClaims?: boolean } = {},
): Criterion {
  return compile(condition, anyClaims ? () => always : atMost);
}

/** The upper bound for a write without reads before it: conditions on read objects do not hold. */
export function compileUnread(condition: Condition): Criterion {
  const isUnread = (part: When): boolean => part.before !== undefined && readsRows(part);
  return compile(condition, (part) => (isUnread(part) ? never : atMost(part)));
}

type When = Condition & { kind: 'when' };

const never = (): boolean => false;
const always = (): boolean => true;
const atMost = ({ expression, ofEach }: When): Criterion =>
  ofEach ? always : (caller) => expression.mayHold(caller);

/** @param mayHold the criterion for conditions that are decided per use */
function compile(condition: Condition, mayHold: (part: When) => Criterion): Criterion {
  switch (condition.kind) {
    case 'everyone':
      return everyone;
    case 'authenticated':
      return authenticated;
    case 'scopes':
      return scopes(condition.scopes);
    case 'roles':
      return roles(condition.roles);
    case 'claims':
      return claims(condition.claim, condition.values);
    case 'clients':
      return clients(condition.clients);
    case 'network':
      return inSituation(network(condition.lists));
    case 'regions':
      return inSituation(regions(condition.regions));
    case 'hours':
      return inSituation(
        ({ nowMs }) => Number.isFinite(nowMs) && withinHours(condition.hours, nowMs),
      );
    case 'auth': {
      const holds = signedIn(condition.signIn);
      return (caller, situation = unknownSituation) => holds(caller, situation);
    }
    case 'pinned':
      return (caller) => readPinned(caller, condition.pinned) !== undefined;
    case 'when':
      if (isPerUse(condition)) return mayHold(condition);
      return (caller) => condition.expression.holds({ caller });
    case 'any':
      return joinAny(condition.of.map((part) => compile(part, mayHold)));
    case 'all':
      return joinAll(condition.of.map((part) => compile(part, mayHold)));
  }
}

const inSituation =
  (holds: (situation: Situation) => boolean): Criterion =>
  (_caller, situation = unknownSituation) =>
    holds(situation);

const joinAny =
  (parts: readonly Criterion[]): Criterion =>
  (caller, situation) =>
    parts.some((holds) => holds(caller, situation));

const joinAll =
  (parts: readonly Criterion[]): Criterion =>
  (caller, situation) =>
    parts.length > 0 && parts.every((holds) => holds(caller, situation));

/** Whether every admitted caller meets the condition. */
export function holdsForAll(condition: Condition, anonymousAllowed: boolean): boolean {
  switch (condition.kind) {
    case 'everyone':
      return true;
    case 'authenticated':
      return !anonymousAllowed;
    case 'any':
      return condition.of.some((part) => holdsForAll(part, anonymousAllowed));
    case 'all':
      return condition.of.every((part) => holdsForAll(part, anonymousAllowed));
    default:
      return false;
  }
}
