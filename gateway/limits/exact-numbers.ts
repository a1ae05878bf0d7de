/**
 * Refuses numbers that an upstream would receive as other numbers than the caller wrote: those
 * beyond the range of a double, and rounded integers where they may be a key (another person's).
 * Applies before anything runs, to documents and variables alike. A `Float` may be rounded, and so
 * may numbers inside objects of a structured scalar.
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

/** A validation rule for graphql-js. */
export function exactNumbers(context: ValidationContext): ASTVisitor {
  const refuse = (nodes: ValueNode): void =>
    context.reportError(new GraphQLError('a number that cannot be sent as written', { nodes }));
  return {
    IntValue(node) {
      const type = getNamedType(context.getInputType());
      // An ID literal is kept as text, however long.
      if (type?.name === 'ID') return;
      const value = Number(node.value);
      if (!Number.isFinite(value) || (isCustomScalar(type) && isRounded(value))) refuse(node);
    },
    FloatValue(node) {
      if (!Number.isFinite(Number(node.value))) refuse(node);
    },
  };
}

/** Whether a variable's value holds a number that may have changed when it was parsed. */
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
  // A fraction is no id either.
  if (inner.name === 'ID') return typeof value === 'number' && !Number.isSafeInteger(value);
  if (!isCustomScalar(inner)) return false;
  return isRounded(value) || hasInfinite(value);
}

/** Whether a structured value holds a non-finite number: it would be serialised as null. */
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
