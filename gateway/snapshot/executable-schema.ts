/**
 * The schema that the engines run: the declared types of its fields, and those that policies make
 * nullable.
 */
import { type GraphQLSchema, getNullableType } from 'graphql';
import { outputFieldsOf } from '../graph/output-fields.ts';

/** By coordinate, as the upstreams declare them. */
export function fieldTypesOf(schema: GraphQLSchema): Map<string, string> {
  return new Map(
    outputFieldsOf(schema).map(({ coordinate, field }) => [coordinate, String(field.type)]),
  );
}

/**
 * Makes nullable, in place, what is nullable for callers: otherwise a null would remove its parent.
 */
export function makeNullable(schema: GraphQLSchema, coordinates: ReadonlySet<string>): void {
  for (const { coordinate, field } of outputFieldsOf(schema)) {
    if (coordinates.has(coordinate)) field.type = getNullableType(field.type);
  }
}
