/**
 * Scalars that hold structures: what is in them has no coordinates, so no rule can look inside.
 * Nothing but their own name opens a place that holds one.
 */
import { type GraphQLType, getNamedType, isScalarType } from 'graphql';

/** A scalar of such a name alone: an object type `EmployeeObject` has fields, an enum has values. */
export function isOpaque(type: GraphQLType | undefined): boolean {
  const named = type === undefined ? undefined : getNamedType(type);
  return isScalarType(named) && isOpaqueName(named.name);
}

/** By the end of the name: an upstream's prefix, or a word such as `Hash`, may stand before it. */
function isOpaqueName(scalar: string): boolean {
  return /json|(?:^|_)(?:any|object|map|unknown)$/i.test(scalar) || lastWord.test(scalar);
}

const lastWord = /[a-z0-9](?:Any|Object|Map|Unknown)$/;
