/** A variable in documents that the gateway writes. */
import { Kind, type VariableNode } from 'graphql';

export const toVariable = (name: string): VariableNode => ({
  kind: Kind.VARIABLE,
  name: { kind: Kind.NAME, value: name },
});
