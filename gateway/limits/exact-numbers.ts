/**
 * Numbers that would reach an upstream as others than the caller wrote: what no double holds, and
 * whole numbers that a double rounds where they may be somebody's key. Refused before anything runs,
 * alike in a document and in variables. A `Float` is a double, and takes its rounding; so do numbers
 * inside the objects of a structured scalar.
 */
import {
  type ASTVisitor,
  GraphQLError,
  type GraphQLInputType,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  isScalarType,
  isSpecifiedScalarType,
  type ValidationContext,
  type ValueNode,
} from 'graphql';
import { isRounded } from '../graph/upstream-value.ts';

/** A rule for graphql-js, beside its own. */
export function exactNumbers(context: ValidationContext): ASTVisitor {
  const refuse = (nodes: ValueNode): void =>
    context.reportError(new GraphQLError('a number that cannot be sent as written', { nodes }));
  return {
    IntValue(node) {
      const type = getNamedType(context.getInputType());
      // A text from the start, however long.
      if (type?.name === 'ID') return;
      const value = Number(node.value);
      if (!Number.isFinite(value) || (isCustomScalar(type) && isRounded(value))) refuse(node);
    },
    FloatValue(node) {
      if (!Number.isFinite(Number(node.value))) refuse(node);
    },
  };
}

/** Whether a variable's value holds a number that may have been another before it was read. */
export function hasInexact(type: GraphQLInputType, value: unknown): boolean {
  const inner = getNullableType(type);
  if (Array.isArray(value)) {
    const item = isListType(inner) ? inner.ofType : inner;
    return value.some((each) => hasInexact(item, each));
  }
  if (isListType(inner)) return hasInexact(inner.ofType, value);
  if (isInputObjectType(inner)) {
    if (typeof value !== 'object' || value === null) return false;
    const fields = inner.getFields();
    return Object.entries(value).some(([name, each]) => {
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      return field !== undefined && hasInexact(field.type, each);
    });
  }
  // No fraction is an id either.
  if (inner.name === 'ID') return typeof value === 'number' && !Number.isSafeInteger(value);
  if (!isCustomScalar(inner)) return false;
  return isRounded(value) || hasInfinite(value);
}

/** Anywhere in a structured value: it would be written as null. */
function hasInfinite(value: unknown): boolean {
  const pending = [value];
  while (pending.length > 0) {
    const one = pending.pop();
    if (typeof one === 'number' && !Number.isFinite(one)) return true;
    if (typeof one !== 'object' || one === null) continue;
    for (const inner of Object.values(one)) pending.push(inner);
  }
  return false;
}

function isCustomScalar(type: unknown): boolean {
  return isScalarType(type) && !isSpecifiedScalarType(type);
}
