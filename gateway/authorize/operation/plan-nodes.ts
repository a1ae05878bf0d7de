/** Nodes that a plan adds to the documents it sends. */
import { type FieldNode, Kind } from 'graphql';

/** `alias: name` */
export const toAliased = (alias: string, name: string): FieldNode => ({
  kind: Kind.FIELD,
  name: { kind: Kind.NAME, value: name },
  alias: { kind: Kind.NAME, value: alias },
});
