/** The closed list of conditions that policy files can write, as data. */

import type { PinnedClaim } from '../plan/pinned.ts';
import type { Hours } from './criteria/hours.ts';
import type { SignIn } from './criteria/sign-in.ts';
import type { Expression } from './when/expression.ts';

/** `scopes` requires all entries; every other list any one. */
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
  /** For arguments pinned to a token's claim; no file writes it. */
  | { readonly kind: 'pinned'; readonly pinned: PinnedClaim }
  | {
      readonly kind: 'when';
      readonly expression: Expression;
      /** On a mutation field: the read that brings the object, by its text. */
      readonly before?: string;
      /** Asked of each object of a type, even if none can meet it, so that each is refused. */
      readonly ofEach?: true;
    }
  | { readonly kind: 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'all'; readonly of: readonly Condition[] };

/** The same condition, asked of each object. */
export function ofEach(condition: Condition): Condition {
  if (condition.kind === 'any' || condition.kind === 'all') {
    return { kind: condition.kind, of: condition.of.map(ofEach) };
  }
  return condition.kind === 'when' ? { ...condition, ofEach: true } : condition;
}

/** The simple conditions inside a condition. */
export function* partsOf(condition: Condition): Generator<Condition> {
  if (condition.kind === 'any' || condition.kind === 'all') {
    for (const part of condition.of) yield* partsOf(part);
  } else {
    yield condition;
  }
}

/** Whether it depends on place or time, so that its result for one caller can change. */
export function isSituational(condition: Condition): boolean {
  for (const part of partsOf(condition)) {
    const { kind } = part;
    if (kind === 'network' || kind === 'regions' || kind === 'hours') return true;
    // A sign-in expires.
    if (kind === 'auth' && part.signIn.maxAgeS !== undefined) return true;
  }
  return false;
}

/** Whether it is decided per use, by arguments or by the object. */
export function isPerUse(condition: Condition): boolean {
  for (const part of partsOf(condition)) if (readsArguments(part) || readsRows(part)) return true;
  return false;
}

/** Whether it reads the arguments of the field that it decides. */
export function asksForArguments(condition: Condition): boolean {
  for (const part of partsOf(condition)) if (readsArguments(part)) return true;
  return false;
}

/** Whether it reads fetched objects. */
export function asksForRows(condition: Condition): boolean {
  for (const part of partsOf(condition)) if (readsRows(part)) return true;
  return false;
}

const readsArguments = (part: Condition): boolean =>
  part.kind === 'when' && part.expression.reads.args.length > 0;

export const readsRows = (part: Condition): boolean =>
  part.kind === 'when' &&
  part.expression.reads.object.length + part.expression.reads.parent.length > 0;
