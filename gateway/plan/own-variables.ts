/** Variables of the gateway's own in documents that it writes. */
import { Kind, type VariableNode } from 'graphql';

export const toVariable = (name: string): VariableNode => ({
  kind: Kind.VARIABLE,
  name: { kind: Kind.NAME, value: name },
});

/** `start`, with as much before it that no name of the caller's begins so. */
export const freePrefix = (start: string, names: readonly string[]): string =>
  lengthen(start, (prefix) => names.some((name) => name.startsWith(prefix)));

/**
 * The same, and no name of the caller's has it further on either: for variables before whose names
 * stitching may put something, where calls are batched.
 */
export const freePart = (start: string, names: readonly string[]): string =>
  lengthen(start, (part) => names.some((name) => name.includes(part)));

function lengthen(start: string, isTaken: (prefix: string) => boolean): string {
  let prefix = start;
  while (isTaken(prefix)) prefix = `_${prefix}`;
  return prefix;
}
