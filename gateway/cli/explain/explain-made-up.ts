/** Placeholder values of the right type: every text and number is 1, every enum its first value. */
import { type GraphQLLeafType, isEnumType } from 'graphql';

export function madeUpLeaf(type: GraphQLLeafType): unknown {
  if (isEnumType(type)) return type.getValues()[0]?.value;
  if (type.name === 'Int' || type.name === 'Float') return 1;
  return type.name === 'Boolean' ? true : '1';
}
