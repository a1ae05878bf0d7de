/**
 * How much there is to coerce in what variables carry. A field of an input object is looked at
 * whether it is given or not: a body of empty objects for a type of fifty fields is a million of
 * them, and would hold the process for a second. Counted before anything is coerced, up to the bound.
 */
import { type GraphQLInputType, getNullableType, isInputObjectType, isListType } from 'graphql';

interface Given {
  readonly type: GraphQLInputType;
  readonly value: unknown;
}

/** Entries of lists and fields of input objects, given or not; stops above `max`. */
export function countInputs(type: GraphQLInputType, value: unknown, max: number): number {
  const pending: Given[] = [{ type, value }];
  let count = 0;
  for (let one = pending.pop(); one !== undefined && count <= max; one = pending.pop()) {
    const { length, inside } = partsOf(one);
    count += length;
    // One by one: a spread of very many is more than a stack holds.
    if (count <= max) for (const part of inside) pending.push(part);
  }
  return count;
}

const nothing = { length: 0, inside: [] };

/** How many parts a value has to be looked at, and those that are there. */
function partsOf({ type, value }: Given): { length: number; inside: readonly Given[] } {
  const inner = getNullableType(type);
  if (typeof value !== 'object' || value === null) return nothing;
  if (isListType(inner)) {
    const entries: readonly unknown[] = Array.isArray(value) ? value : [value];
    return {
      length: entries.length,
      inside: entries.map((entry) => ({ type: inner.ofType, value: entry })),
    };
  }
  if (!isInputObjectType(inner)) return nothing;
  const fields = inner.getFields();
  const inside = Object.entries(value).flatMap(([name, given]) => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return field === undefined ? [] : [{ type: field.type, value: given }];
  });
  return { length: Object.keys(fields).length, inside };
}
