/**
 * Checks at start that the fields of a rate have the arguments that it reads. A misspelt one would
 * be absent from every request, and all callers would share one bucket.
 */
import { type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql';
import { ConfigError, type Problem } from '../files/config-error.ts';
import { didYouMean } from '../files/nearest.ts';
import { splitCoordinate } from '../graph/coordinate.ts';
import { complaintOfPath } from '../graph/input-path.ts';
import type { PinnedArguments } from '../plan/pinned.ts';
import type { CompiledRate } from './rate.ts';

/** Throws ConfigError with a problem for every argument that a field does not have. */
export function checkArguments(
  rates: readonly CompiledRate[],
  schema: GraphQLSchema,
  pinned?: PinnedArguments,
): void {
  const problems = rates.flatMap((rate) =>
    rate.per.flatMap((identity) =>
      identity.kind === 'argument' ? problemsOf(rate, identity.path, { schema, pinned }) : [],
    ),
  );
  if (problems.length > 0) throw new ConfigError(problems);
}

interface Fields {
  readonly schema: GraphQLSchema;
  readonly pinned: PinnedArguments | undefined;
}

function problemsOf(rate: CompiledRate, path: readonly string[], fields: Fields): Problem[] {
  return [...(rate.coordinates ?? [])].flatMap((coordinate): Problem[] => {
    const complaint = complaintOf(coordinate, path, fields);
    if (complaint === undefined) return [];
    const message = `rate "${rate.name}": ${complaint}`;
    return [{ ...rate.source, path: '', code: 'unknown-name', message }];
  });
}

function complaintOf(
  coordinate: string,
  [name = '', ...steps]: readonly string[],
  { schema, pinned }: Fields,
): string | undefined {
  const [typeName, fieldName] = splitCoordinate(coordinate);
  const type = schema.getType(typeName);
  const hasFields = isObjectType(type) || isInterfaceType(type);
  const seen = hasFields ? (type.getFields()[fieldName]?.args ?? []) : [];
  const args = [...seen, ...(pinned?.get(coordinate) ?? [])];
  const argument = args.find((one) => one.name === name);
  if (argument === undefined) {
    const names = args.map((one) => one.name);
    return `${coordinate} has no argument "${name}"${didYouMean(name, names)}`;
  }
  return complaintOfPath(`${coordinate}(${name}:)`, argument.type, steps);
}
