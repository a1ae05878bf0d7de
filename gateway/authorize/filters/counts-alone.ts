/**
 * Whether objects tell nothing but how many there are, or whether there is any: statistics, the
 * buckets of a histogram, the answer of a check. Such an answer does not lead to what was counted,
 * so what its filters are about cannot be read from it.
 */
import { type GraphQLObjectType, getNamedType, isLeafType } from 'graphql';
import { plain } from './filter-names.ts';
import type { GuardedFields } from './guarded-fields.ts';

/** All that the types lead to, a few steps away. */
export function countsAlone(fields: GuardedFields, types: readonly GraphQLObjectType[]): boolean {
  const kinds = [...fields.around(types)].map(kindOf);
  return kinds.includes('counts') && !kinds.includes('thing');
}

const countName =
  /(?:count|total|sum|avg|average|mean|median|quantity)s?$|^(?:count|total|sum|avg|average|numberof)/;

/** `frame`: has objects alone. */
function kindOf(type: GraphQLObjectType): 'counts' | 'frame' | 'thing' {
  const leaves = Object.values(type.getFields()).flatMap(({ name, type: held }) => {
    const named = getNamedType(held);
    return isLeafType(named) ? [{ name: plain(name), of: named.name }] : [];
  });
  if (leaves.length === 0) return 'frame';
  if (leaves.some(({ name, of }) => name === 'id' || of === 'ID')) return 'thing';
  if (leaves.every(({ of }) => of === 'Boolean')) return 'counts';
  const hasCount = leaves.some(
    ({ name, of }) => (of === 'Int' || of === 'Float') && countName.test(name),
  );
  return hasCount ? 'counts' : 'thing';
}
