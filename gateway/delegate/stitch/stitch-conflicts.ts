/**
 * Decides what two upstreams may both define: equal scalars, enums and inputs, and types with a
 * join. Any other name in two upstreams refuses to start, naming both.
 *
 * Stitching would merge such types silently, and one upstream could then answer for another.
 */
import {
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isLeafType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  isUnionType,
  parse,
  print,
  printType,
  visit,
} from 'graphql';
import { MisfitError } from '../../files/misfit-error.ts';
import { didYouMean } from '../../files/nearest.ts';
import { keyAlias } from '../../graph/rekey-rows.ts';
import {
  type ComposedSubgraph,
  type JoinConfig,
  type Joins,
  joinTargets,
} from './stitch-config.ts';

/** Throws if two subgraphs define what composition could not tell apart. */
export function refuseConflicts(subgraphs: readonly ComposedSubgraph[], joins: Joins): void {
  const names = new Set(subgraphs.map(({ name }) => name));
  if (names.size !== subgraphs.length) throw new Error('two upstreams have one name');
  refuseSharedRootFields(subgraphs);
  refuseSharedTypes(subgraphs, joins);
}

function refuseSharedRootFields(subgraphs: readonly ComposedSubgraph[]): void {
  const owners = new Map<string, string>();
  for (const { name, schema } of subgraphs) {
    for (const [root, type] of rootTypes(schema)) {
      for (const field of Object.keys(type.getFields())) {
        const coordinate = `${root}.${field}`;
        const other = owners.get(coordinate);
        if (other !== undefined) {
          throw new Error(`${coordinate} comes from two upstreams, ${other} and ${name}`);
        }
        owners.set(coordinate, name);
      }
    }
  }
}

/** Root types with their names in the graph. */
export function rootTypes(schema: GraphQLSchema): [name: string, type: GraphQLObjectType][] {
  const query = schema.getQueryType();
  const mutation = schema.getMutationType();
  return [
    ...(query ? [['Query', query] as [string, GraphQLObjectType]] : []),
    ...(mutation ? [['Mutation', mutation] as [string, GraphQLObjectType]] : []),
  ];
}

/** Types that are neither built in nor the graph's roots, under their names in the graph. */
export function ownTypes(schema: GraphQLSchema): GraphQLNamedType[] {
  const types = Object.values(schema.getTypeMap());
  const hidden = new Set<GraphQLNamedType>();
  for (const [name, root] of rootTypes(schema)) {
    // A field that leads back to a `query_root` makes it a type of its own beside `Query`.
    if (root.name === name || !types.some((type) => leadsTo(type, root))) hidden.add(root);
  }
  return types.filter(
    (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type) && !hidden.has(type),
  );
}

function leadsTo(type: GraphQLNamedType, root: GraphQLObjectType): boolean {
  if (isUnionType(type)) return type.getTypes().includes(root);
  if (!isObjectType(type) && !isInterfaceType(type)) return false;
  return Object.values(type.getFields()).some((field) => getNamedType(field.type) === root);
}

const graphRoots: ReadonlySet<string> = new Set(['Query', 'Mutation']);

function refuseSharedTypes(subgraphs: readonly ComposedSubgraph[], joins: Joins): void {
  const first = new Map<string, { upstream: string; type: GraphQLNamedType }>();
  for (const { name, schema } of subgraphs) {
    for (const type of ownTypes(schema)) {
      refuseKeyAlias(type, name);
      if (graphRoots.has(type.name)) {
        throw new Error(
          `type ${type.name} of ${name} is no root there, and the graph's root here: give ${name} a prefix`,
        );
      }
      const other = first.get(type.name);
      const brought = { upstream: name, type };
      if (other !== undefined && !Object.hasOwn(joins, type.name))
        refuseUnlessEqual(other, brought);
      // A third upstream is compared with the one that says more.
      if (other === undefined || specificationOf(type)) first.set(type.name, brought);
    }
  }
}

function refuseKeyAlias(type: GraphQLNamedType, upstream: string): void {
  if (!isObjectType(type) || !Object.hasOwn(type.getFields(), keyAlias)) return;
  throw new Error(`${type.name}.${keyAlias} of ${upstream} has a name reserved for the gateway`);
}

interface Brought {
  readonly upstream: string;
  readonly type: GraphQLNamedType;
}

function refuseUnlessEqual(one: Brought, other: Brought): void {
  const both = `${one.upstream} and ${other.upstream}`;
  if (!isPlain(one.type)) {
    throw new Error(`type ${one.type.name} comes from two upstreams, ${both}, and has no join`);
  }
  if (!isSameType(one.type, other.type)) {
    const urls = [one, other].flatMap(({ type }) => specificationOf(type) ?? []);
    const why = urls.length === 2 ? ` (specified by ${urls.join(' and ')})` : '';
    throw new Error(`type ${one.type.name} differs between the upstreams ${both}${why}`);
  }
}

function isPlain(type: GraphQLNamedType): boolean {
  return [isScalarType, isEnumType, isInputObjectType].some((is) => is(type));
}

/** Whether two upstreams may both define these types without a join. */
export function isSameType(one: GraphQLNamedType, other: GraphQLNamedType): boolean {
  if (isScalarType(one) && isScalarType(other)) {
    const urls = [one, other].flatMap((type) => specificationOf(type) ?? []);
    return new Set(urls).size < 2;
  }
  return isPlain(one) && wireForm(one) === wireForm(other);
}

const specificationOf = (type: GraphQLNamedType): string | undefined =>
  (isScalarType(type) && type.specifiedByURL) || undefined;

/** Without descriptions; with enum values, because enums that print alike may differ internally. */
function wireForm(type: GraphQLNamedType): string {
  const document = parse(printType(type), { noLocation: true });
  const printed = print(visit(document, { StringValue: withoutDescription }));
  if (!isEnumType(type)) return printed;
  return JSON.stringify([printed, type.getValues().map(({ value }) => value)]);
}

/** Throws unless the upstreams of a join share the key field, and no other. */
export function checkJoinedType(
  typeName: string,
  join: JoinConfig,
  subgraphs: readonly ComposedSubgraph[],
): void {
  const where = `joins.${typeName}`;
  const having = subgraphs.filter(({ schema }) => schema.getType(typeName) !== undefined);
  const joined = joinTargets(join).map(([name]) => name);
  const apart = having.find(({ name }) => !joined.includes(name));
  if (apart !== undefined) throw new Error(`${where}: ${apart.name} has the type and no entry`);
  const seen = new Map<string, string>();
  const keyTypes = new Set<string>();
  for (const { name, schema } of having) {
    const type = schema.getType(typeName);
    if (!isObjectType(type)) throw new Error(`${where}: ${typeName} of ${name} is no object type`);
    const fields = type.getFields();
    const key = `${where}: ${typeName}.${join.key}`;
    const keyField = fields[join.key];
    if (keyField === undefined) {
      const hint = didYouMean(join.key, Object.keys(fields));
      throw new MisfitError(`${key} is missing in ${name}${hint}`, ['joins', typeName, 'key']);
    }
    keyTypes.add(keyTypeName(keyField, key, name));
    for (const field of Object.keys(fields)) {
      const other = seen.get(field);
      if (other !== undefined && field !== join.key) {
        throw new Error(`${typeName}.${field} comes from two upstreams, ${other} and ${name}`);
      }
      seen.set(field, name);
    }
  }
  if (keyTypes.size > 1 && !keyTypes.has('ID') && !keyTypes.has('String')) {
    throw new Error(`${where}: the key is ${[...keyTypes].join(' here and ')} there`);
  }
}

function keyTypeName(
  field: GraphQLField<unknown, unknown>,
  where: string,
  upstream: string,
): string {
  const type = getNamedType(field.type);
  if (isLeafType(type) && field.args.length === 0) return type.name;
  throw new Error(`${where} of ${upstream} is no plain scalar`);
}

const withoutDescription = (_node: unknown, key: string | number | undefined): null | undefined =>
  key === 'description' ? null : undefined;
