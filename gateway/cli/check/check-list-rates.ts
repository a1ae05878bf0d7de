/**
 * Finds rates by an argument that holds a list: each list is one bucket, so that every choice of
 * entries, in every order, has a limit of its own.
 */
import {
  type GraphQLInputType,
  type GraphQLSchema,
  getNullableType,
  isInputObjectType,
  isListType,
  isObjectType,
} from 'graphql';
import { coordinatesOf } from '../../authorize/access/name-coordinates.ts';
import { splitCoordinate } from '../../graph/coordinate.ts';
import type { Policies } from '../../snapshot/load.ts';

export interface ListRate {
  /** The name of the rate. */
  readonly rate: string;
  readonly file: string;
  readonly line: number;
  /** The path in the arguments. */
  readonly argument: string;
  readonly coordinates: readonly string[];
}

/** @param schema with pinned arguments as well, which a rate may read */
export function findListRates(
  { rates }: Pick<Policies, 'rates'>,
  schema: GraphQLSchema,
): readonly ListRate[] {
  return rates.flatMap(({ name: rate, per, fields, source }) =>
    per.flatMap((identity) => {
      if (identity.kind !== 'argument') return [];
      const all = coordinatesOf(schema, { name: rate, source, fields });
      const coordinates = all.filter((one) => isListType(typeAt(schema, one, identity.path)));
      if (coordinates.length === 0) return [];
      const { file, line } = source;
      return [{ rate, file, line, argument: identity.path.join('.'), coordinates }];
    }),
  );
}

function typeAt(
  schema: GraphQLSchema,
  coordinate: string,
  [name, ...steps]: readonly string[],
): GraphQLInputType | undefined {
  const [typeName, fieldName] = splitCoordinate(coordinate);
  const type = schema.getType(typeName);
  const field = isObjectType(type) ? type.getFields()[fieldName] : undefined;
  let at = field?.args.find((one) => one.name === name)?.type;
  for (const step of steps) {
    const inner: GraphQLInputType | undefined = at && getNullableType(at);
    at = isInputObjectType(inner) ? inner.getFields()[step]?.type : undefined;
  }
  return at && getNullableType(at);
}

export const toListRateText = ({ rate, file, line, argument, coordinates }: ListRate): string =>
  `${rate} (${file}:${line}): ${argument} of ${coordinates.join(', ')} is a list, and each list is a bucket of its own: another choice or order of entries starts anew`;
