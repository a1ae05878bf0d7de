/** The fields of a schema that can be selected: those of object and interface types. */
import {
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
} from 'graphql';

export type FieldOwner = GraphQLObjectType | GraphQLInterfaceType;

export interface OutputField {
  readonly coordinate: string;
  readonly owner: FieldOwner;
  readonly field: GraphQLField<unknown, unknown>;
}

/** Narrows to types whose fields can be selected. */
export const isFieldOwner = (type: GraphQLNamedType | undefined): type is FieldOwner =>
  isObjectType(type) || isInterfaceType(type);

/** Object and interface types in schema order, without those of introspection. */
export const fieldOwnersOf = (schema: GraphQLSchema): FieldOwner[] =>
  Object.values(schema.getTypeMap())
    .filter(isFieldOwner)
    .filter(({ name }) => !name.startsWith('__'));

/** Every field of these types. */
export const outputFieldsOf = (schema: GraphQLSchema): OutputField[] =>
  fieldOwnersOf(schema).flatMap((owner) =>
    Object.values(owner.getFields()).map((field) => ({
      coordinate: `${owner.name}.${field.name}`,
      owner,
      field,
    })),
  );
