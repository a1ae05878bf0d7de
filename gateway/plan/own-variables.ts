/** Variables of the gateway's own in documents that it writes. */
import { Kind, type VariableNode } from 'graphql';

export const toVariable = (name: string): VariableNode => ({
  kind: Kind.VARIABLE,
  name: { kind: Kind.NAME, value: name },
});

/** `start`, with as much before it that no name of the caller's begins so. */
export function freePrefix(start: string, names: readonly string[]): string {
  let prefix = start;
  while (names.some((name) => name.startsWith(prefix))) prefix = `_${prefix}`;
  return prefix;
}
