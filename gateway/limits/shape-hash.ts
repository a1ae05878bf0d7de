/**
 * SHA-256 of a document's text without its literals and operation names, which may hold personal
 * data. Safe for logs: a hash of the whole text could be brute-forced over all possible SSNs.
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
