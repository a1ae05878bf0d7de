/**
 * Finds fields that some caller may have, whose names suggest sensitive contents, and that no rule
 * puts into a class: the audit trail does not record who saw them, and no budget counts them.
 * Judged by name alone, if that leaves little doubt; `scan` reads all that is written about a
 * field.
 */
import { type GraphQLSchema, getNamedType, isLeafType } from 'graphql';
import { splitCoordinate } from '../graph/coordinate.ts';
import { isFieldOwner } from '../graph/output-fields.ts';
import type { CoordinatePolicy, Policy } from './policy.ts';
import { atLeast, judgeName } from './sensitive-names.ts';

export interface Unclassified {
  readonly coordinate: string;
  /** The class that its name suggests. */
  readonly resembles: string;
}

/** In schema order. */
export function findUnclassified(schema: GraphQLSchema, policy: Policy): Unclassified[] {
  return [...policy.fields.values()].flatMap((one) => {
    const [typeName, fieldName] = splitCoordinate(one.coordinate);
    if (!isOpen(one) || !isLeaf(schema, typeName, fieldName)) return [];
    const judged = judgeName(fieldName);
    if (judged === undefined || !atLeast(judged.confidence, 'medium')) return [];
    return [{ coordinate: one.coordinate, resembles: judged.class }];
  });
}

const isOpen = ({ classes, forbid, grants }: CoordinatePolicy): boolean =>
  classes.length === 0 && forbid === undefined && grants.length > 0;

/** Fields of object types are judged by their own fields. */
function isLeaf(schema: GraphQLSchema, typeName: string, fieldName: string): boolean {
  const type = schema.getType(typeName);
  const field = isFieldOwner(type) ? type.getFields()[fieldName] : undefined;
  return field !== undefined && isLeafType(getNamedType(field.type));
}
