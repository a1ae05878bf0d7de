/**
 * What the field filter cases run on: an upstream that answers anything asked with data, the
 * access rules of a case, and the variables of its operation.
 *
 * A single abstract field holds one concrete type at a time: `choose(variant)` says which; lists
 * hold one row of each.
 */
import {
  buildSchema,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  graphql,
  isAbstractType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isObjectType,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import { concreteTypes } from './filter-leaves.ts';

const namedValues: Readonly<Record<string, unknown>> = { Int: 7, Float: 7.5, Boolean: true };

/** A GraphQL upstream over `sdl` that never answers null; `variants` counts its abstract choices. */
export function openUpstream(sdl: string) {
  const schema = buildSchema(sdl);
  let variant = 0;
  const value = (type: GraphQLOutputType): unknown => {
    const { name } = getNamedType(type);
    const types = concreteTypes(schema, type);
    const rows: unknown[] =
      types.length === 0
        ? [namedValues[name] ?? `${name}-value`]
        : types.map((each) => ({ __typename: each.name }));
    return isListType(getNullableType(type)) ? rows : rows[variant % rows.length];
  };
  const abstractSizes = Object.values(schema.getTypeMap())
    .filter((type) => isAbstractType(type))
    .map((type) => schema.getPossibleTypes(type).length);
  return {
    sdl,
    schema,
    variants: Math.max(1, ...abstractSizes),
    choose(next: number): void {
      variant = next;
    },
    answer: ({ query, variables }: { query: string; variables: Record<string, unknown> }) =>
      graphql({
        schema,
        source: query,
        variableValues: variables,
        fieldResolver: (_source, _args, _context, { returnType }) => value(returnType),
      }),
  };
}

/** Every coordinate for everyone, and each requirement as a `require`: one access file. */
export function accessRules(
  schema: GraphQLSchema,
  requires: Readonly<Record<string, string>>,
): string {
  const rules: object[] = [{ name: 'open', fields: coordinates(schema), allow: 'everyone' }];
  for (const [coordinate, requirement] of Object.entries(requires)) {
    const [typeName = '', field] = coordinate.split('.');
    const where = field === undefined ? { types: [typeName] } : { fields: { [typeName]: [field] } };
    requirement.split(' & ').forEach((part, index) => {
      rules.push({ name: `${coordinate}-${index}`, ...where, require: condition(part) });
    });
  }
  // JSON is YAML.
  return JSON.stringify({ version: 1, rules });
}

function condition(part: string): unknown {
  if (part === 'authenticated') return part;
  return { any: part.split(' | ').map((scopes) => ({ scopes: scopes.split('+') })) };
}

function coordinates(schema: GraphQLSchema): Record<string, string[]> {
  const listed: Record<string, string[]> = {};
  for (const type of Object.values(schema.getTypeMap())) {
    if (!(isObjectType(type) || isInterfaceType(type)) || isIntrospectionType(type)) continue;
    listed[type.name] = Object.values(type.getFields()).flatMap(({ name, args }) => [
      name,
      ...args.map((argument) => `${name}(${argument.name}:)`),
    ]);
  }
  return listed;
}

/** A value for every variable the operation declares. */
export function variablesFor(schema: GraphQLSchema, operation: string): Record<string, unknown> {
  const { variableDefinitions = [] } = definitionOf(operation);
  const named = variableDefinitions.map(({ variable, type }) => {
    const inner = type.kind === 'NonNullType' ? type.type : type;
    if (inner.kind !== 'NamedType' || schema.getType(inner.name.value) === undefined) {
      throw new Error(`no value for the variable $${variable.name.value}`);
    }
    return [variable.name.value, namedValues[inner.name.value] ?? '1'] as const;
  });
  return Object.fromEntries(named);
}

function definitionOf(operation: string): OperationDefinitionNode {
  const found = parse(operation).definitions.find((each) => each.kind === 'OperationDefinition');
  if (found === undefined) throw new Error('no operation');
  return found;
}
