/** Variables of the gateway's own in documents that it writes. */
import { Kind, type VariableNode } from 'graphql';

export const toVariable = (name: string): VariableNode => ({
  kind: Kind.VARIABLE,
  name: { kind: Kind.NAME, value: name },
});

/** Lengthens `start` until none of the caller's names begins with it. */
export const freePrefix = (start: string, names: readonly string[]): string =>
  lengthen(start, (prefix) => names.some((name) => name.startsWith(prefix)));

/**
 * Lengthens `start` until none of the caller's names contains it: for variables that stitching may
 * prefix when it batches calls.
 */
export const freePart = (start: string, names: readonly string[]): string =>
  lengthen(start, (part) => names.some((name) => name.includes(part)));

function lengthen(start: string, isTaken: (prefix: string) => boolean): string {
  let prefix = start;
  while (isTaken(prefix)) prefix = `_${prefix}`;
  return prefix;
}
