/**
 * The arguments of a field as its upstream will apply them: with defaults for all that is left out,
 * including inside objects that came in variables. Variables are coerced by the caller's view,
 * where a hidden field has no default; a literal is given one. Conditions and rates must not depend
 * on that spelling.
 */
import {
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  getArgumentValues,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isLeafType,
  isListType,
} from 'graphql';

type Values = Readonly<Record<string, unknown>>;

/** Deeper than any condition or rate reads. */
const depthMax = 50;

/** Throws if values do not fit, as graphql-js does. */
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
    // A list of leaves stays the same list: what is cached by it is found again at every field.
    if (!Array.isArray(value) || isLeafType(getNamedType(inner))) return value;
    return value.map((one) => whole(inner.ofType, one, depth + 1));
  }
  if (!isInputObjectType(inner)) return value;
  return withDefaults(Object.values(inner.getFields()), value as Values, depth + 1);
}

/** Its own default, or the one left to the upstream (`leaveToUpstream`). */
export function defaultOf({
  defaultValue,
  extensions,
}: GraphQLArgument | GraphQLInputField): unknown {
  return defaultValue === undefined ? extensions.leftDefault : defaultValue;
}

/**
 * An argument that is read by its own type, but whose defaults come from a type with more fields.
 */
export function filledAs(argument: GraphQLArgument, type: GraphQLInputType): GraphQLArgument {
  return { ...argument, extensions: { ...argument.extensions, filledAs: type } };
}

/** Removes a default from what is sent, in place, and remembers that the upstream applies it. */
export function leaveToUpstream(input: GraphQLArgument | GraphQLInputField): void {
  if (input.defaultValue === undefined) return;
  input.extensions = { ...input.extensions, leftDefault: input.defaultValue };
  input.defaultValue = undefined;
}
