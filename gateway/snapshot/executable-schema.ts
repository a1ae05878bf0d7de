/** The schema that engines run: the types that its fields had, and those that policies make nullable. */
import { type GraphQLSchema, getNullableType, isInterfaceType, isObjectType } from 'graphql';

/** By coordinate, as upstreams have them. */
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

/** What is nullable for callers is nullable when it is run, or a null would take its parent away. In place. */
export function makeNullable(schema: GraphQLSchema, coordinates: ReadonlySet<string>): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!(isObjectType(type) || isInterfaceType(type))) continue;
    for (const field of Object.values(type.getFields())) {
      if (coordinates.has(`${type.name}.${field.name}`)) field.type = getNullableType(field.type);
    }
  }
}
