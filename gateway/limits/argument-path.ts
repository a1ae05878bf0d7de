/**
 * Reads a path inside an argument as the upstream will see it: with the defaults of all that is
 * left out on the way, including input fields that the caller does not see. A literal and a
 * variable that omit a size therefore ask for the same number of entries.
 */
import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
} from 'graphql';
import { readOwnPath } from '../own-path.ts';
import { defaultOf } from '../plan/whole-arguments.ts';

type Input = Pick<GraphQLArgument | GraphQLInputField, 'type'>;

/**
 * @param value as given, coerced or not; undefined takes the default
 * @param whole the schema that includes what callers do not see
 */
export function readArgumentPath(
  whole: GraphQLSchema,
  input: Input,
  value: unknown,
  path: readonly string[],
): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const field = fieldAt(whole, input, step);
  if (field === undefined) return readOwnPath(value, path);
  const given: unknown = readOwnPath(value, [step]);
  return readArgumentPath(whole, field, given === undefined ? defaultOf(field) : given, rest);
}

/** Whether a caller's schema lacks a field of the path; nothing inside a scalar is hidden. */
export function hidesArgumentPath(seen: Input, path: readonly string[]): boolean {
  let input = seen;
  for (const step of path) {
    const type = getNamedType(input.type);
    if (!isInputObjectType(type)) return false;
    const field = type.getFields()[step];
    if (field === undefined) return true;
    input = field;
  }
  return false;
}

/** The field in the whole schema, or in the caller's if the whole has no such type. */
function fieldAt(whole: GraphQLSchema, input: Input, name: string): GraphQLInputField | undefined {
  const type = getNamedType(input.type);
  if (!isInputObjectType(type)) return undefined;
  const known = whole.getType(type.name);
  return (isInputObjectType(known) ? known.getFields()[name] : undefined) ?? type.getFields()[name];
}
