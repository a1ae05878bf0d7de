/** What an argument of a mutation is as an argument of a read, and which field of the object states it. */
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

/** How a value of one type is sent as another; undefined where it does not fit. */
export function toSentAs(from: GraphQLInputType, to: GraphQLInputType): SentAs | undefined {
  const [source, target] = [plainOf(from), plainOf(to)];
  if (source === undefined || target === undefined) return undefined;
  // One value where a list is taken is a list of one; never the other way.
  if (source.isList && !target.isList) return undefined;
  const { isList } = target;
  const keys = ['ID', 'String', 'Int'];
  if (keys.includes(source.type.name) && keys.includes(target.type.name)) {
    return { isList, as: target.type.name === 'Int' ? 'number' : 'text', leaf: source.type };
  }
  return source.type === target.type ? { isList, as: 'same', leaf: source.type } : undefined;
}

/** A plain value, or a list of such. */
function plainOf(type: GraphQLInputType) {
  const nullable = getNullableType(type);
  const isList = isListType(nullable);
  const inner = getNullableType(isList ? nullable.ofType : nullable);
  return isLeafType(inner) && !isOpaque(inner) ? { type: inner, isList } : undefined;
}

/** `id` for `id`, `ids`, `employeeId` and `employeeIds` of an employee; else the very name. */
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

/** Of which a key is never made. */
const untold = new Set(['Float', 'Boolean']);
