/**
 * Removes from an upstream's schema, in place, the defaults that graphql-js cannot print: lists and
 * objects of custom scalars, such as `options: JSON! = {}`. Callers do not see these; the upstream
 * applies them itself.
 */
import {
  astFromValue,
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLSchema,
  getNullableType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
} from 'graphql';

export function leaveDefaults(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type)) continue;
    if (isInputObjectType(type)) Object.values(type.getFields()).forEach(leaveDefault);
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) field.args.forEach(leaveDefault);
  }
}

function leaveDefault(input: GraphQLArgument | GraphQLInputField): void {
  if (input.defaultValue === undefined || isWritable(input)) return;
  input.defaultValue = undefined;
  // Otherwise callers would have to supply a value that the upstream does not require.
  input.type = getNullableType(input.type);
}

function isWritable({ defaultValue, type }: GraphQLArgument | GraphQLInputField): boolean {
  try {
    astFromValue(defaultValue, type);
    return true;
  } catch {
    return false;
  }
}
