/** Which of the fields that a filter's name stands for are guarded (filter-meaning.ts). */
import type { GuardedFields, NamedField } from './guarded-fields.ts';

export const isId = ({ key }: NamedField): boolean => key === 'id';

/**
 * The guarded ones of the fields that a name stands for. An id leads to an object, so it counts
 * only if it is guarded on every object that can be meant. An object counts if all of its leaves
 * are guarded.
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
