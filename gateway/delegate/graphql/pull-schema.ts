/**
 * Fetches the schema of a GraphQL upstream and compares it with the pinned one. Pure except for
 * `send`, which bounds size and time; the response is untrusted.
 *
 * Fails closed: a response that is no schema, or would not load, changes nothing.
 */
import { getDocumentNodeFromSchema } from '@graphql-tools/utils';
import {
  buildClientSchema,
  buildSchema,
  type GraphQLNamedType,
  type GraphQLSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  isUnionType,
  print,
  printSchema,
} from 'graphql';
import { UpstreamFailure } from '../../errors.ts';
import { ownValue } from '../../graph/upstream-value.ts';
import { isJsonObject } from '../../json-value.ts';
import type { DelegationContext, Transport, UpstreamAnswer, UpstreamRequest } from '../upstream.ts';

/** All that a schema can say. Older servers refuse a document with fields that they do not know. */
const wholeIntrospection = getIntrospectionQuery({
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  schemaDescription: true,
  inputValueDeprecation: true,
  oneOf: true,
});
const oldIntrospection = getIntrospectionQuery();

/** The upstream's SDL, in the upstream's order; throws UpstreamFailure. */
export async function pullSchema(
  upstream: string,
  send: Transport,
  context: DelegationContext,
): Promise<string> {
  const fail = (why: string): never => {
    throw new UpstreamFailure({ upstream, why });
  };
  const whole = readIntrospection(await send(toRequest(wholeIntrospection), context));
  const found =
    typeof whole === 'string'
      ? readIntrospection(await send(toRequest(oldIntrospection), context))
      : whole;
  if (typeof found === 'string') return fail(found);
  try {
    const sdl = toSdl(buildClientSchema(found));
    buildSchema(sdl);
    return sdl;
  } catch {
    // Messages of graphql-js quote the untrusted input.
    return fail('answer is no valid schema');
  }
}

const toRequest = (query: string): UpstreamRequest => ({
  method: 'POST',
  path: '/',
  label: 'introspection',
  isRead: true,
  headers: { accept: 'application/json', 'content-type': 'application/json' },
  body: JSON.stringify({ query }),
});

/** Why there is none, as text. */
function readIntrospection({ status, body }: UpstreamAnswer): IntrospectionQuery | string {
  if (status !== 200) return `status ${status}`;
  const data = ownValue(parse(body), 'data');
  return isIntrospection(data) ? data : 'answer is no introspection';
}

/** `buildClientSchema` examines the rest. */
const isIntrospection = (data: unknown): data is IntrospectionQuery =>
  isJsonObject(data) && isJsonObject(data.__schema);

/** printSchema is more readable, but fails on list and object defaults of custom scalars. */
function toSdl(schema: GraphQLSchema): string {
  try {
    return printSchema(schema);
  } catch {
    return `${print(getDocumentNodeFromSchema(schema))}\n`;
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // The parser's message quotes the body; the caller of this function reports the failure.
    return undefined;
  }
}

export interface SchemaChanges {
  /** Coordinates: `Type`, `Type.field`, `Type.field(argument:)`, `Enum.VALUE`. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** `Type.field: Old -> New` */
  readonly changed: readonly string[];
}

/** The differences of the second schema from the first, each list sorted. */
export function compareSchemas(before: GraphQLSchema, after: GraphQLSchema): SchemaChanges {
  const [old, now] = [coordinatesOf(before), coordinatesOf(after)];
  const changed = [...now].flatMap(([coordinate, type]) => {
    const was = old.get(coordinate);
    return was === undefined || was === type ? [] : [`${coordinate}: ${was} -> ${type}`];
  });
  return {
    added: [...now.keys()].filter((coordinate) => !old.has(coordinate)).sort(),
    removed: [...old.keys()].filter((coordinate) => !now.has(coordinate)).sort(),
    changed: changed.sort(),
  };
}

/** Maps every coordinate to its type or kind. */
function coordinatesOf(schema: GraphQLSchema): Map<string, string> {
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
  );
  return new Map(types.flatMap((type) => [[type.name, kindOf(type)], ...partsOf(type)]));
}

function kindOf(type: GraphQLNamedType): string {
  const kind = type.constructor.name;
  return isInputObjectType(type) && type.isOneOf ? `${kind} @oneOf` : kind;
}

function partsOf(type: GraphQLNamedType): [coordinate: string, type: string][] {
  if (isEnumType(type)) {
    return type.getValues().map(({ name }) => [`${type.name}.${name}`, 'value']);
  }
  if (isUnionType(type)) {
    return type.getTypes().map(({ name }) => [`${type.name} = ${name}`, 'member']);
  }
  if (isInputObjectType(type)) {
    return Object.values(type.getFields()).map((field) => [
      `${type.name}.${field.name}`,
      inputOf(field),
    ]);
  }
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  return Object.values(type.getFields()).flatMap((field): [string, string][] => [
    [`${type.name}.${field.name}`, String(field.type)],
    ...field.args.map((argument): [string, string] => [
      `${type.name}.${field.name}(${argument.name}:)`,
      inputOf(argument),
    ]),
  ]);
}

function inputOf({ type, defaultValue }: { type: unknown; defaultValue?: unknown }): string {
  return defaultValue === undefined ? String(type) : `${type} = ${JSON.stringify(defaultValue)}`;
}
