/**
 * Recognises scalars that hold structures: their contents have no coordinates, so no rule can look
 * inside. Only a rule that names the place itself opens one.
 */
import { type GraphQLType, getNamedType, isScalarType } from 'graphql';

/** Scalars only: an object type `EmployeeObject` has fields, an enum has values. */
export function isOpaque(type: GraphQLType | undefined): boolean {
  const named = type === undefined ? undefined : getNamedType(type);
  return isScalarType(named) && isOpaqueName(named.name);
}

/** Tests the end of the name: an upstream's prefix or a word such as `Hash` may precede it. */
function isOpaqueName(scalar: string): boolean {
  return /json|(?:^|_)(?:any|object|map|unknown)$/i.test(scalar) || lastWord.test(scalar);
}

const lastWord = /[a-z0-9](?:Any|Object|Map|Unknown)$/;
