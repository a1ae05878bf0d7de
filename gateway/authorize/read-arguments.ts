/**
 * Maps an argument of a mutation to an argument of a read, and finds the object field that states
 * it.
 */
import {
  type GraphQLInputType,
  type GraphQLObjectType,
  getNullableType,
  isLeafType,
  isListType,
  isRequiredArgument,
} from 'graphql';
import type { SentAs } from '../plan/plan.ts';
import { isOpaque } from './opaque.ts';

/** How a value of one type is sent as another; undefined if it does not fit. */
export function toSentAs(from: GraphQLInputType, to: GraphQLInputType): SentAs | undefined {
  const [source, target] = [plainOf(from), plainOf(to)];
  if (source === undefined || target === undefined) return undefined;
  // A single value is a list of one where a list is taken, never the reverse.
  if (source.isList && !target.isList) return undefined;
  const { isList } = target;
  const keys = ['ID', 'String', 'Int'];
  if (keys.includes(source.type.name) && keys.includes(target.type.name)) {
    return { isList, as: target.type.name === 'Int' ? 'number' : 'text', leaf: source.type };
  }
  return source.type === target.type ? { isList, as: 'same', leaf: source.type } : undefined;
}

/** A plain value or a list of plain values; undefined for other types. */
function plainOf(type: GraphQLInputType) {
  const nullable = getNullableType(type);
  const isList = isListType(nullable);
  const inner = getNullableType(isList ? nullable.ofType : nullable);
  return isLeafType(inner) && !isOpaque(inner) ? { type: inner, isList } : undefined;
}

/** `id` for `id`, `ids`, `employeeId` and `employeeIds` of an employee; otherwise the same name. */
export function statedBy(
  type: GraphQLObjectType,
  argument: string,
  pins: ReadonlyMap<string, unknown>,
): string | undefined {
  const own = type.name.toLowerCase();
  const plain = argument.toLowerCase();
  const isId = ['id', 'ids', `${own}id`, `${own}ids`].includes(plain);
  const names = [argument, argument.replace(/s$/, ''), ...(isId ? ['id'] : [])];
  const fields = type.getFields();
  return names.find((name) => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined || field.args.some(isRequiredArgument)) return false;
    const inner = getNullableType(field.type);
    const isTold = isLeafType(inner) && !isOpaque(inner) && !untold.has(inner.name);
    return isTold && !pins.has(`${type.name}.${name}`);
  });
}

/** Types that are never keys. */
const untold = new Set(['Float', 'Boolean']);
