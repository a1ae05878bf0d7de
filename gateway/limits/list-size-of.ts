/**
 * How many entries one field of an operation may bring, for those who count records: the same
 * reading of arguments, @listSize and policy that costs rest on.
 */
import { type FieldNode, type GraphQLSchema, isObjectType } from 'graphql';
import { withPinnedArguments } from '../plan/pinned.ts';
import { type CostWeights, listSizeSet } from './cost/cost-weights.ts';
import { readersOf, readSize, type Sizing, sizingOf, type VariableValues } from './list-size.ts';

/** A size that is handed on to list fields of the object below, as in `users(first:) { edges }`. */
export interface PassedSize {
  readonly size: number;
  readonly fields: readonly string[];
}

export interface FieldSize {
  /** Entries that the field brings at most; 1 where it is no list. */
  readonly size: number;
  /** For the fields below, to be given as `above`. */
  readonly passed: PassedSize | undefined;
}

export type ListSizeOf = (
  coordinate: string,
  node: FieldNode,
  variables: VariableValues,
  above?: PassedSize,
) => FieldSize;

/** `variables` are coerced ones. Coordinates that the schema does not have bring one entry. */
export function createListSizeOf(schema: GraphQLSchema, weights: CostWeights): ListSizeOf {
  return (coordinate, node, variables, above) => {
    const [typeName = '', name = ''] = coordinate.split('.');
    const type = schema.getType(typeName);
    const seen = isObjectType(type) ? type.getFields()[name] : undefined;
    if (!isObjectType(type) || seen === undefined) return one;
    const field = withPinnedArguments(seen, weights.pinned?.get(coordinate));
    const sizing = sizingOf(listSizeSet(weights, type, name), weights, field);
    if (sizing === undefined) return one;
    const readers = readersOf(sizing, weights, field, node.arguments ?? []);
    const { size } = readSize(readers, variables, otherwise(sizing, name, above));
    if (sizing.sizedFields.length === 0) return { size, passed: undefined };
    return { size: 1, passed: { size, fields: sizing.sizedFields } };
  };
}

const one: FieldSize = Object.freeze({ size: 1, passed: undefined });

const otherwise = (sizing: Sizing, name: string, above: PassedSize | undefined): number =>
  above?.fields.includes(name) === true ? above.size : sizing.assumed;
