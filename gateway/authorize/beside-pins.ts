/**
 * What is called like a pinned argument, beside it in the same field, and that callers may write: a
 * query parameter and a property of the body, say. A service that reads both in one place takes one of
 * them for the other, and a pin says nothing of what it does not name.
 */
import {
  type GraphQLArgument,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import type { Policy } from './policy.ts';

export interface BesidePin {
  /** As a pin would name it: `Mutation.hire(input.tenantId:)`. */
  readonly coordinate: string;
  readonly pinned: string;
}

/** @param schema the public one, which has nothing that is pinned or in nobody's view */
export function findBesidePins(
  { pins, inputPins }: Pick<Policy, 'pins' | 'inputPins'>,
  schema: GraphQLSchema,
): readonly BesidePin[] {
  const all = [
    ...[...pins].flatMap(([field, list]) =>
      list.map(({ argument, coordinate }) => ({ field, name: argument.name, coordinate })),
    ),
    ...[...inputPins].flatMap(([field, list]) =>
      list.map(({ path, coordinate }) => ({ field, name: path.at(-1) ?? '', coordinate })),
    ),
  ];
  return all.flatMap(({ field, name, coordinate: pinned }) =>
    argumentsOf(schema, field)
      .flatMap(pathsIn)
      .filter((path) => plain(path.at(-1) ?? '') === plain(name))
      .map((path) => ({ coordinate: `${field}(${path.join('.')}:)`, pinned })),
  );
}

function argumentsOf(schema: GraphQLSchema, coordinate: string): readonly GraphQLArgument[] {
  const [typeName = '', name = ''] = coordinate.split('.');
  const type = schema.getType(typeName);
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  return type.getFields()[name]?.args ?? [];
}

/** Itself, and what stands in it at once: further down is nothing that a service reads beside it. */
function pathsIn({ name, type }: GraphQLArgument): string[][] {
  const named = getNamedType(type);
  const inner = isInputObjectType(named) ? Object.keys(named.getFields()) : [];
  return [[name], ...inner.map((one) => [name, one])];
}

const plain = (name: string): string => name.replaceAll('_', '').toLowerCase();
