/** What an access rule asks of a caller, as data: the closed list of conditions that files can write. */

import type { PinnedClaim } from '../plan/pinned.ts';
import type { Hours } from './criteria/hours.ts';
import type { SignIn } from './criteria/sign-in.ts';
import type { Expression } from './when/expression.ts';

/** `scopes`: all of them; of every other list any one. */
export type Condition =
  | { readonly kind: 'everyone' }
  | { readonly kind: 'authenticated' }
  | { readonly kind: 'scopes'; readonly scopes: readonly string[] }
  | { readonly kind: 'roles'; readonly roles: readonly string[] }
  | {
      readonly kind: 'claims';
      readonly claim: string;
      readonly values: readonly (string | number | boolean)[];
    }
  | { readonly kind: 'clients'; readonly clients: readonly string[] }
  | { readonly kind: 'network'; readonly lists: readonly string[] }
  | { readonly kind: 'regions'; readonly regions: readonly string[] }
  | { readonly kind: 'hours'; readonly hours: Hours }
  | { readonly kind: 'auth'; readonly signIn: SignIn }
  /** Of arguments that are fixed from the token; no file writes it. */
  | { readonly kind: 'pinned'; readonly pinned: PinnedClaim }
  | {
      readonly kind: 'when';
      readonly expression: Expression;
      /** Of a field of a mutation: which object that is read before it is meant, by the read's text. */
      readonly before?: string;
      /** Asked of each object of a type: also where none can meet it, that is said at each. */
      readonly ofEach?: true;
    }
  | { readonly kind: 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'all'; readonly of: readonly Condition[] };

/** The same, asked of each object. */
export function ofEach(condition: Condition): Condition {
  if (condition.kind === 'any' || condition.kind === 'all') {
    return { kind: condition.kind, of: condition.of.map(ofEach) };
  }
  return condition.kind === 'when' ? { ...condition, ofEach: true } : condition;
}

/** The simple conditions inside one. */
export function* partsOf(condition: Condition): Generator<Condition> {
  if (condition.kind === 'any' || condition.kind === 'all') {
    for (const part of condition.of) yield* partsOf(part);
  } else {
    yield condition;
  }
}

/** Whether it looks at where or when a request is made, so that one caller's answer can change. */
export function isSituational(condition: Condition): boolean {
  for (const part of partsOf(condition)) {
    const { kind } = part;
    if (kind === 'network' || kind === 'regions' || kind === 'hours') return true;
    // A sign-in grows old.
    if (kind === 'auth' && part.signIn.maxAgeS !== undefined) return true;
  }
  return false;
}

/** Whether it is decided for each use anew: by arguments, or by the object at hand. */
export function isPerUse(condition: Condition): boolean {
  for (const part of partsOf(condition)) if (readsArguments(part) || readsRows(part)) return true;
  return false;
}

/** Whether it looks at the arguments of the field that it decides on. */
export function asksForArguments(condition: Condition): boolean {
  for (const part of partsOf(condition)) if (readsArguments(part)) return true;
  return false;
}

/** Whether it looks at objects that are fetched. */
export function asksForRows(condition: Condition): boolean {
  for (const part of partsOf(condition)) if (readsRows(part)) return true;
  return false;
}

const readsArguments = (part: Condition): boolean =>
  part.kind === 'when' && part.expression.reads.args.length > 0;

export const readsRows = (part: Condition): boolean =>
  part.kind === 'when' &&
  part.expression.reads.object.length + part.expression.reads.parent.length > 0;
