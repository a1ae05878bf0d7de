/**
 * The arguments of one use of a field as its upstream takes them: with the defaults of all that is left
 * out, also inside of objects that came in variables. These are coerced against what their caller sees,
 * so a field that is hidden from the caller has no default there; written in the query it has one. What a
 * condition or a rate looks at must not hang on the spelling.
 */
import {
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  getArgumentValues,
  getNullableType,
  isInputObjectType,
  isListType,
} from 'graphql';

type Values = Readonly<Record<string, unknown>>;

/** Deeper no condition and no rate looks. */
const depthMax = 50;

/** Throws where values do not fit, as graphql-js does. */
export function wholeArguments(
  definition: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Values,
): Values {
  const given = getArgumentValues(definition, node, { ...variables });
  return withDefaults(definition.args, given, 0);
}

function withDefaults(
  inputs: readonly (GraphQLArgument | GraphQLInputField)[],
  given: Values,
  depth: number,
): Values {
  if (depth > depthMax) return given;
  const values: Record<string, unknown> = { ...given };
  for (const input of inputs) {
    const { name, type, extensions } = input;
    const value = Object.hasOwn(given, name) ? given[name] : defaultOf(input);
    const filled = extensions.filledAs as GraphQLInputType | undefined;
    if (value !== undefined) values[name] = whole(filled ?? type, value, depth);
  }
  return values;
}

function whole(type: GraphQLInputType, value: unknown, depth: number): unknown {
  const inner = getNullableType(type);
  if (typeof value !== 'object' || value === null) return value;
  if (isListType(inner)) {
    return Array.isArray(value) ? value.map((one) => whole(inner.ofType, one, depth + 1)) : value;
  }
  if (!isInputObjectType(inner)) return value;
  return withDefaults(Object.values(inner.getFields()), value as Values, depth + 1);
}

/** Its own, or the one that is left to the upstream (`leaveToUpstream`). */
export function defaultOf({
  defaultValue,
  extensions,
}: GraphQLArgument | GraphQLInputField): unknown {
  return defaultValue === undefined ? extensions.leftDefault : defaultValue;
}

/** An argument that is read as its own type has it, and filled up as another that has more fields. */
export function filledAs(argument: GraphQLArgument, type: GraphQLInputType): GraphQLArgument {
  return { ...argument, extensions: { ...argument.extensions, filledAs: type } };
}

/** Takes a default out of what is sent, in place; that the upstream applies it is still known here. */
export function leaveToUpstream(input: GraphQLArgument | GraphQLInputField): void {
  if (input.defaultValue === undefined) return;
  input.extensions = { ...input.extensions, leftDefault: input.defaultValue };
  input.defaultValue = undefined;
}
