/**
 * The schema that the engines run: the declared types of its fields, and those that policies make
 * nullable.
 */
import { type GraphQLSchema, getNullableType, isInterfaceType, isObjectType } from 'graphql';

/** By coordinate, as the upstreams declare them. */
export function fieldTypesOf(schema: GraphQLSchema): Map<string, string> {
  const types = new Map<string, string>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!(isObjectType(type) || isInterfaceType(type))) continue;
    for (const field of Object.values(type.getFields())) {
      types.set(`${type.name}.${field.name}`, String(field.type));
    }
  }
  return types;
}

/**
 * Makes nullable, in place, what is nullable for callers: otherwise a null would remove its parent.
 */
export function makeNullable(schema: GraphQLSchema, coordinates: ReadonlySet<string>): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!(isObjectType(type) || isInterfaceType(type))) continue;
    for (const field of Object.values(type.getFields())) {
      if (coordinates.has(`${type.name}.${field.name}`)) field.type = getNullableType(field.type);
    }
  }
}
