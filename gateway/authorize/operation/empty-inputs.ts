/**
 * What a caller gives and no service is sent: variables without a value, and what a query string has no
 * spelling for. A service takes its own default then, as if nothing had been written.
 */
import { Kind, type ValueNode } from 'graphql';

/** What one variable brings: absent, or present with these governed coordinates inside. */
export type VariableUse = 'absent' | readonly string[];

/** Among them: null, or lists and objects with nothing else in them. */
export const holdsNothing = '';
export const hollow: readonly string[] = [holdsNothing];

export const noVariables: ReadonlyMap<string, VariableUse> = new Map();

/** A structured scalar can be as deep as a body: what is deeper is taken for nothing. */
const depthMax = 20;

/** A variable without a value leaves out the argument or input field that it stands for. */
export function isAbsent(value: ValueNode, variables: ReadonlyMap<string, VariableUse>): boolean {
  return value.kind === Kind.VARIABLE && variables.get(value.name.value) === 'absent';
}

export function isEmpty(value: unknown, depth = 0): boolean {
  if (value === null || value === undefined || depth > depthMax) return true;
  if (typeof value !== 'object') return false;
  return Object.values(value).every((one) => isEmpty(one, depth + 1));
}

/** The same for a literal; undefined is none. */
export function isEmptyLiteral(
  value: ValueNode | undefined,
  variables: ReadonlyMap<string, VariableUse> = noVariables,
): boolean {
  switch (value?.kind) {
    case undefined:
    case Kind.NULL:
      return true;
    case Kind.LIST:
      return value.values.every((one) => isEmptyLiteral(one, variables));
    case Kind.OBJECT:
      return value.fields.every((one) => isEmptyLiteral(one.value, variables));
    case Kind.VARIABLE: {
      const use = variables.get(value.name.value) ?? 'absent';
      return use === 'absent' || use.includes(holdsNothing);
    }
    default:
      return false;
  }
}
