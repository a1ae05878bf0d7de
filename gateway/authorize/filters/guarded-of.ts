/** What is guarded of the fields that a filter's name stands for (filter-meaning.ts). */
import type { GuardedFields, NamedField } from './guarded-fields.ts';

export const isId = ({ key }: NamedField): boolean => key === 'id';

/**
 * What is guarded of the fields that a name stands for. An id is the way to an object: guarded where
 * it is for every object that can be meant. An object of which every leaf is guarded is guarded.
 */
export function guardedOf(
  fields: GuardedFields,
  named: readonly NamedField[],
): readonly NamedField[] {
  const found = named.filter(({ isGuarded }) => isGuarded);
  const hasOpenId = named.some((one) => isId(one) && !one.isGuarded);
  const kept = hasOpenId ? found.filter((one) => !isId(one)) : found;
  const inside = named.flatMap((one) => (one.isGuarded ? [] : leavesOf(fields, one)));
  return [...new Set([...kept, ...inside])];
}

function leavesOf(fields: GuardedFields, { returns }: NamedField): readonly NamedField[] {
  const leaves = (returns ?? []).flatMap((type) =>
    fields.namedIn(type).filter((one) => one.returns === undefined && !isId(one)),
  );
  return leaves.every(({ isGuarded }) => isGuarded) ? leaves : [];
}
