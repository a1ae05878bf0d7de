/**
 * Combines the given upstreams without joins: clashing names are renamed, and fields that still do
 * not compose are left out and named. Earlier upstreams keep their names.
 */
import {
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import { isSameType, ownTypes } from '../../delegate/stitch/stitch-conflicts.ts';
import type { GivenUpstream } from './init-given.ts';

export interface FittedUpstream {
  readonly given: GivenUpstream;
  readonly prefix: string | undefined;
  /** Why there is a prefix, for the operator. */
  readonly prefixWhy: string | undefined;
  /** By name in the graph: the name in the description. */
  readonly fields: ReadonlyMap<string, string>;
  readonly schema: GraphQLSchema;
  /** Fields missing from the graph, and why. */
  readonly leftOut: readonly { readonly field: string; readonly why: string }[];
}

/** Throws Error if an upstream has no field left. */
export function fitTogether(all: readonly GivenUpstream[]): readonly FittedUpstream[] {
  const types = new Map<string, { type: GraphQLNamedType; upstream: string }>();
  const roots = new Set<string>();
  return all.map((given) => {
    const fitted = fitOne(given, types, roots);
    for (const field of fitted.fields.keys()) roots.add(field);
    for (const type of ownTypes(fitted.schema)) {
      if (!types.has(type.name)) types.set(type.name, { type, upstream: given.name });
    }
    return fitted;
  });
}

type Taken = ReadonlyMap<string, { readonly type: GraphQLNamedType; readonly upstream: string }>;

function fitOne(given: GivenUpstream, types: Taken, roots: ReadonlySet<string>): FittedUpstream {
  const isRest = given.kind === 'openapi';
  const leftOut: { field: string; why: string }[] = [...given.lost];
  const fields = new Map<string, string>();
  for (const { field } of given.reads) {
    // An OpenAPI operation can be renamed; a GraphQL field cannot.
    const name = roots.has(field) && isRest ? `${given.name.replaceAll('-', '_')}_${field}` : field;
    if (roots.has(name)) leftOut.push({ field, why: 'another upstream has a field of this name' });
    else fields.set(name, field);
  }
  let prefix: string | undefined;
  let prefixWhy: string | undefined;
  while (fields.size > 0) {
    const schema = given.compose({ fields, prefix });
    const clash = ownTypes(schema).find((type) => isTaken(type, types));
    if (clash === undefined) return { given, prefix, prefixWhy, fields, schema, leftOut };
    const twice = `${clash.name} is a type of ${types.get(clash.name)?.upstream} too`;
    if (!isRest && prefix === undefined) {
      prefix = `${given.name.replaceAll('-', '_')}_`;
      prefixWhy = `type names begin with ${prefix}: ${twice}`;
      continue;
    }
    const why = `${twice}: see "joins"`;
    for (const [name, own] of fields) {
      if (!reaches(schema, name, clash.name)) continue;
      fields.delete(name);
      leftOut.push({ field: own, why });
    }
  }
  throw new Error(`${given.name}: nothing is left: ${leftOut[0]?.why ?? 'it has no reads'}`);
}

function isTaken(type: GraphQLNamedType, types: Taken): boolean {
  const other = types.get(type.name);
  return other !== undefined && !isSameType(other.type, type);
}

/** Whether a root field's result or arguments lead to a type. */
function reaches(schema: GraphQLSchema, field: string, wanted: string): boolean {
  const root = schema.getQueryType()?.getFields()[field];
  if (root === undefined) return false;
  const seen = new Set([
    getNamedType(root.type),
    ...root.args.map(({ type }) => getNamedType(type)),
  ]);
  for (const type of seen) {
    if (type.name === wanted) return true;
    for (const next of nextOf(schema, type)) seen.add(next);
  }
  return false;
}

/** The types of a type's fields and arguments, its interfaces and possible types. */
function nextOf(schema: GraphQLSchema, type: GraphQLNamedType): GraphQLNamedType[] {
  const members = isAbstractType(type) ? schema.getPossibleTypes(type) : [];
  if (isInputObjectType(type)) {
    return Object.values(type.getFields()).map((one) => getNamedType(one.type));
  }
  if (!isObjectType(type) && !isInterfaceType(type)) return [...members];
  return [
    ...members,
    ...type.getInterfaces(),
    ...Object.values(type.getFields()).flatMap((one) => [
      getNamedType(one.type),
      ...one.args.map((argument) => getNamedType(argument.type)),
    ]),
  ];
}
