/**
 * Finds inputs that are named like a pinned argument of the same field and that callers may write,
 * such as a query parameter and a property of the body, at whatever depth. A service that reads both
 * in one place may confuse them, and a pin protects only the input that it names.
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
    pathsIn(argumentsOf(schema, field))
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

/** The arguments and all fields inside them, each input type once, where it stands least deep. */
function pathsIn(args: readonly GraphQLArgument[]): string[][] {
  const paths: string[][] = [];
  const seen = new Set<string>();
  let level = args.map(({ name, type }) => ({ path: [name], type: getNamedType(type) }));
  while (level.length > 0) {
    paths.push(...level.map(({ path }) => path));
    level = level.flatMap(({ path, type }) => {
      if (!isInputObjectType(type) || seen.has(type.name)) return [];
      seen.add(type.name);
      return Object.values(type.getFields()).map((field) => ({
        path: [...path, field.name],
        type: getNamedType(field.type),
      }));
    });
  }
  return paths;
}

const plain = (name: string): string => name.replaceAll('_', '').toLowerCase();
