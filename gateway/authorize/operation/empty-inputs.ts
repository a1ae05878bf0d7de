/**
 * Recognises inputs that a caller gives but that are not sent to a service: variables without a
 * value, and values that a query string cannot express. The service then applies its own default,
 * as if nothing had been given.
 */
import { Kind, type ValueNode } from 'graphql';

/** The contents of one variable: absent, or present with these governed coordinates inside. */
export type VariableUse = 'absent' | readonly string[];

/** Marks null, and lists and objects without contents. */
export const holdsNothing = '';
export const hollow: readonly string[] = [holdsNothing];

export const noVariables: ReadonlyMap<string, VariableUse> = new Map();

/** A structured scalar can be as deep as a body; deeper values count as empty. */
const depthMax = 20;

/**
 * Whether the value is a variable without a value, which leaves out its argument or input field.
 */
export function isAbsent(value: ValueNode, variables: ReadonlyMap<string, VariableUse>): boolean {
  return value.kind === Kind.VARIABLE && variables.get(value.name.value) === 'absent';
}

export function isEmpty(value: unknown, depth = 0): boolean {
  if (value === null || value === undefined || depth > depthMax) return true;
  if (typeof value !== 'object') return false;
  return Object.values(value).every((one) => isEmpty(one, depth + 1));
}

/** The same for a literal; undefined counts as empty. */
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
