/** The sizes of everything that introspection of a schema can list, counted once per schema. */
import {
  type GraphQLSchema,
  type GraphQLType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isWrappingType,
} from 'graphql';
import { createMemo } from '../caches/memo.ts';

/** Lists of a type, and the arguments of a field. */
export type Listed =
  | 'fields'
  | 'inputFields'
  | 'enumValues'
  | 'interfaces'
  | 'possibleTypes'
  | 'args';

export interface IntrospectionSizes {
  readonly types: number;
  readonly directives: number;
  readonly directiveArgs: number;
  /** Entries over all types; for `args`, over all fields. */
  readonly all: Readonly<Record<Listed, number>>;
  /** Entries of the longest such list. */
  readonly longest: Readonly<Record<Listed, number>>;
  /** The deepest wrapping of a type; `[T!]!` has three levels. */
  readonly wrapping: number;
}

const sizesBySchema = createMemo<GraphQLSchema, IntrospectionSizes>();

export function introspectionSizesOf(schema: GraphQLSchema): IntrospectionSizes {
  const found = sizesBySchema.get(schema) ?? count(schema);
  sizesBySchema.set(schema, found);
  return found;
}

function count(schema: GraphQLSchema): IntrospectionSizes {
  const none = {
    fields: 0,
    inputFields: 0,
    enumValues: 0,
    interfaces: 0,
    possibleTypes: 0,
    args: 0,
  };
  const all = { ...none };
  const longest = { ...none };
  let wrapping = 0;
  const add = (what: Listed, size: number): void => {
    all[what] += size;
    longest[what] = Math.max(longest[what], size);
  };
  const wrap = (type: GraphQLType): void => {
    wrapping = Math.max(wrapping, wrappedOf(type));
  };
  const types = Object.values(schema.getTypeMap());
  for (const type of types) {
    if (isEnumType(type)) add('enumValues', type.getValues().length);
    if (isAbstractType(type)) add('possibleTypes', schema.getPossibleTypes(type).length);
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields());
      add('inputFields', fields.length);
      for (const field of fields) wrap(field.type);
    }
    if (!(isObjectType(type) || isInterfaceType(type))) continue;
    const fields = Object.values(type.getFields());
    add('fields', fields.length);
    add('interfaces', type.getInterfaces().length);
    for (const field of fields) {
      add('args', field.args.length);
      for (const one of [field, ...field.args]) wrap(one.type);
    }
  }
  const directives = schema.getDirectives();
  const directiveArgs = directives.reduce((sum, { args }) => sum + args.length, 0);
  return {
    types: types.length,
    directives: directives.length,
    directiveArgs,
    all,
    longest,
    wrapping,
  };
}

const wrappedOf = (type: GraphQLType): number =>
  isWrappingType(type) ? 1 + wrappedOf(type.ofType) : 0;
