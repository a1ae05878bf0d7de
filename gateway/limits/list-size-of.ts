/**
 * How many entries one field of an operation may return, for rates that count records: reads
 * arguments, @listSize and policy exactly as the cost estimate does.
 */
import { type FieldNode, type GraphQLSchema, isObjectType } from 'graphql';
import { splitCoordinate } from '../graph/coordinate.ts';
import { withPinnedArguments } from '../plan/pinned.ts';
import { type CostWeights, listSizeSet } from './cost/cost-weights.ts';
import { readersOf, readSize, type Sizing, sizingOf, type VariableValues } from './list-size.ts';

/** A size that applies to list fields of the returned object, as in `users(first:) { edges }`. */
export interface PassedSize {
  readonly size: number;
  readonly fields: readonly string[];
}

export interface FieldSize {
  /** Most entries that the field returns; 1 if it is no list. */
  readonly size: number;
  /** To be passed as `above` for the fields below. */
  readonly passed: PassedSize | undefined;
}

export type ListSizeOf = (
  coordinate: string,
  node: FieldNode,
  variables: VariableValues,
  above?: PassedSize,
) => FieldSize;

/** Takes coerced `variables`. A coordinate that the schema lacks counts as one entry. */
export function createListSizeOf(schema: GraphQLSchema, weights: CostWeights): ListSizeOf {
  return (coordinate, node, variables, above) => {
    const [typeName, name] = splitCoordinate(coordinate);
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
