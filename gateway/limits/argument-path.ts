/**
 * What stands at a path inside an argument as the upstream has it: with the defaults of all that is left
 * out on the way, also of input fields that the caller does not see. Written in the query or brought in by
 * a variable, an object that says nothing of its size asks for the same number of entries.
 */
import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLSchema,
  getNullableType,
  isInputObjectType,
} from 'graphql';
import { readOwnPath } from '../own-path.ts';
import { defaultOf } from '../plan/whole-arguments.ts';

type Input = Pick<GraphQLArgument | GraphQLInputField, 'type'>;

/**
 * @param value as given, coerced or plain; undefined takes the default
 * @param whole has what callers do not see
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

/** Whether a schema, as a caller sees it, has all of a path. */
export function hasArgumentPath(seen: Input, path: readonly string[]): boolean {
  let input: Input | undefined = seen;
  for (const step of path) {
    input = input && ownFieldAt(input, step);
    if (input === undefined) return false;
  }
  return true;
}

function fieldAt(whole: GraphQLSchema, input: Input, name: string): GraphQLInputField | undefined {
  const type = getNullableType(input.type);
  const known = isInputObjectType(type) ? whole.getType(type.name) : undefined;
  return (
    (isInputObjectType(known) ? known.getFields()[name] : undefined) ?? ownFieldAt(input, name)
  );
}

function ownFieldAt({ type }: Input, name: string): GraphQLInputField | undefined {
  const inner = getNullableType(type);
  return isInputObjectType(inner) ? inner.getFields()[name] : undefined;
}
