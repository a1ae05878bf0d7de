/**
 * SHA-256 over a document's text without what its author put in of a person: literals become blanks
 * and names of operations go. It can stand in a log: a hash of the whole text could be tried out
 * against every number that an SSN can be.
 */
import { createHash } from 'node:crypto';
import { type DocumentNode, Kind, print, visit } from 'graphql';

/** In lower-case hex. */
export function toShapeHash(document: DocumentNode): string {
  const blank = { kind: Kind.NULL } as const;
  const shape = visit(document, {
    [Kind.STRING]: () => blank,
    [Kind.INT]: () => blank,
    [Kind.FLOAT]: () => blank,
    [Kind.OPERATION_DEFINITION]: {
      enter: ({ name: _, ...operation }) => operation,
    },
  });
  return createHash('sha256').update(print(shape)).digest('hex');
}
