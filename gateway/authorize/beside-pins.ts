/**
 * Finds inputs that are named like a pinned argument of the same field and that callers may write,
 * such as a query parameter and a property of the body. A service that reads both in one place may
 * confuse them, and a pin protects only the input that it names.
 */
import { type GraphQLArgument, type GraphQLSchema, getNamedType, isInputObjectType } from 'graphql';
import { splitCoordinate } from '../graph/coordinate.ts';
import { isFieldOwner } from '../graph/output-fields.ts';
import type { Policy } from './policy.ts';

export interface BesidePin {
  /** As a pin would name it: `Mutation.hire(input.tenantId:)`. */
  readonly coordinate: string;
  readonly pinned: string;
}

/**
 * @param schema the public schema, which lacks pinned inputs and all that is in no caller's view
 */
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
  const [typeName, name] = splitCoordinate(coordinate);
  const type = schema.getType(typeName);
  if (!isFieldOwner(type)) return [];
  return type.getFields()[name]?.args ?? [];
}

/** The argument and the fields directly inside it; a service reads nothing deeper in its place. */
function pathsIn({ name, type }: GraphQLArgument): string[][] {
  const named = getNamedType(type);
  const inner = isInputObjectType(named) ? Object.keys(named.getFields()) : [];
  return [[name], ...inner.map((one) => [name, one])];
}

const plain = (name: string): string => name.replaceAll('_', '').toLowerCase();
