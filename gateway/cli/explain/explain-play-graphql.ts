/**
 * Simulates a GraphQL upstream: executes the document that it would receive over its own schema,
 * with placeholder values, one element per list and the first possible type of an abstract type.
 */
import {
  buildASTSchema,
  executeSync,
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNullableType,
  isLeafType,
  isListType,
  parse,
  printSchema,
} from 'graphql';
import { renameDefinitions, wireNamesOf } from '../../delegate/graphql/graphql-wire-names.ts';
import type { UpstreamAnswer, UpstreamRequest } from '../../delegate/upstream.ts';
import { type KeyFields, toStatedFields } from './explain-keys.ts';
import { madeUpLeaf } from './explain-made-up.ts';

export interface PlayedGraphql {
  readonly schema: GraphQLSchema;
  readonly keys: KeyFields;
  /** Prefix of the type names in `schema`, which requests do not carry. */
  readonly prefix?: string | undefined;
}

/** Copies of the schemas without the resolvers that composing may have attached. */
const copies = new WeakMap<GraphQLSchema, GraphQLSchema>();

export function answerGraphql(played: PlayedGraphql, { body }: UpstreamRequest): UpstreamAnswer {
  const { query, variables } = JSON.parse(body ?? '{}');
  const schema = copies.get(played.schema) ?? toCopy(played);
  copies.set(played.schema, schema);
  const { data } = executeSync({
    schema,
    document: parse(query),
    variableValues: variables,
    rootValue: {},
    fieldResolver: createResolver(played.keys),
    typeResolver: (_value, _context, info, type) => info.schema.getPossibleTypes(type)[0]?.name,
  });
  return { status: 200, contentType: 'application/json', body: JSON.stringify({ data }) };
}

function toCopy({ schema, prefix }: PlayedGraphql): GraphQLSchema {
  const document = parse(printSchema(schema), { noLocation: true });
  return buildASTSchema(renameDefinitions(document, wireNamesOf(schema, prefix).toWireName));
}

function createResolver(
  keys: PlayedGraphql['keys'],
): GraphQLFieldResolver<Record<string, unknown>, unknown> {
  return (source, args, _context, { fieldName, parentType, path, returnType }) => {
    if (Object.hasOwn(source, fieldName)) return source[fieldName];
    const field = parentType.getFields()[fieldName];
    if (path.prev !== undefined || field === undefined) return madeUp(returnType, [{}]);
    return madeUp(
      returnType,
      toStatedFields(field, args, keys.get(`${parentType.name}.${fieldName}`)),
    );
  };
}

function madeUp(type: GraphQLOutputType, objects: readonly object[]): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    const item = getNullableType(nullable.ofType);
    if (isLeafType(item) || isListType(item)) return [madeUp(item, objects)];
    return objects;
  }
  return isLeafType(nullable) ? madeUpLeaf(nullable) : (objects[0] ?? null);
}
