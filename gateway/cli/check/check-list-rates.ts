/**
 * Finds rates by an argument that holds a list or an object: each one is a bucket, so that every
 * choice of entries, in every order, and every value of any of its fields has a limit of its own.
 * Of `args.input` with an email and a password, each guess at the password would start anew.
 */
import {
  type GraphQLInputType,
  type GraphQLSchema,
  getNullableType,
  isInputObjectType,
  isListType,
  isObjectType,
  isScalarType,
} from 'graphql';
import { coordinatesOf } from '../../authorize/access/name-coordinates.ts';
import { isOpaque } from '../../authorize/opaque.ts';
import { splitCoordinate } from '../../graph/coordinate.ts';
import type { Policies } from '../../snapshot/load.ts';

export interface ListRate {
  /** The name of the rate. */
  readonly rate: string;
  readonly file: string;
  readonly line: number;
  /** The path in the arguments. */
  readonly argument: string;
  /** `structure`: a scalar that may hold lists and objects. */
  readonly holds: 'list' | 'object' | 'structure';
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
      const { file, line } = source;
      const argument = identity.path.join('.');
      return kinds.flatMap((holds): ListRate[] => {
        const isSuch = (one: string) => kindOf(typeAt(schema, one, identity.path)) === holds;
        const coordinates = all.filter(isSuch);
        return coordinates.length === 0 ? [] : [{ rate, file, line, argument, holds, coordinates }];
      });
    }),
  );
}

const kinds = ['list', 'object', 'structure'] as const;

function kindOf(type: GraphQLInputType | undefined): ListRate['holds'] | undefined {
  if (isListType(type)) return 'list';
  if (isInputObjectType(type)) return 'object';
  return isOpaque(type) ? 'structure' : undefined;
}

/** The contents of a structured scalar are of its type, as far as is known. */
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
    if (isScalarType(inner)) return inner;
    at = isInputObjectType(inner) ? inner.getFields()[step]?.type : undefined;
  }
  return at && getNullableType(at);
}

const why: Readonly<Record<ListRate['holds'], string>> = {
  list: 'is a list, and each list is a bucket of its own: another choice or order of entries starts anew',
  object:
    'is an object, and each object is a bucket of its own: another value of any of its fields starts anew',
  structure:
    'may hold lists and objects, and each is a bucket of its own: another choice or order of what is in it starts anew',
};

export const toListRateText = (one: ListRate): string =>
  `${one.rate} (${one.file}:${one.line}): ${one.argument} of ${one.coordinates.join(', ')} ${why[one.holds]}`;
