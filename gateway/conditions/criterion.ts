/**
 * Turns a condition of a policy file into a predicate over the caller and the situation, at boot.
 *
 * Nothing here looks at data, so a request asks each condition at most once; what does look at it is
 * decided in use.ts. There is no negation: a negation of something that throws would allow.
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

/** A condition that looks at arguments or objects does not hold: it is decided for each use. */
export function compileCriterion(condition: Condition): Criterion {
  return compile(condition, () => never);
}

/**
 * Whether it can hold for some arguments and objects: what a caller can have at most. With
 * `anyClaims`, whatever claims the caller has that it compares with these.
 */
export function compileUpperBound(
  condition: Condition,
  { anyClaims = false }: { anyClaims?: boolean } = {},
): Criterion {
  return compile(condition, anyClaims ? () => always : atMost);
}

/** The same of a write before which nothing was read: what looks at that does not hold. */
export function compileUnread(condition: Condition): Criterion {
  const isUnread = (part: When): boolean => part.before !== undefined && readsRows(part);
  return compile(condition, (part) => (isUnread(part) ? never : atMost(part)));
}

type When = Condition & { kind: 'when' };

const never = (): boolean => false;
const always = (): boolean => true;
const atMost = ({ expression, ofEach }: When): Criterion =>
  ofEach ? always : (caller) => expression.mayHold(caller);

/** @param mayHold of what is decided for each use */
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

/** Whether every caller whom the gateway lets in meets the condition. */
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
