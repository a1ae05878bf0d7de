/**
 * Finds the lists whose size an estimate has to assume, for operators who ask why a cost is high.
 */
import { type CostInput, compileCost } from './cost-compile.ts';
import type { FieldCost, ListCost, SetCost } from './cost-program.ts';

export interface AssumedList {
  readonly coordinate: string;
  readonly entries: number;
}

/** Lists that no argument sizes, in document order. */
export function assumedLists(input: CostInput): readonly AssumedList[] {
  const found = new Map<string, number>();
  const seen = new Set<SetCost>();
  const visit = (set: SetCost): void => {
    if (seen.has(set)) return;
    seen.add(set);
    for (const field of set.alternatives.flatMap(({ fields }) => fields)) {
      if (isAssumed(field)) found.set(field.coordinate, field.list.assumed);
      if (field.below !== undefined) visit(field.below);
    }
  };
  visit(compileCost(input) ?? { alternatives: [] });
  return [...found].map(([coordinate, entries]) => ({ coordinate, entries }));
}

/** Whether the list's size is assumed and matters; lists of weightless leaves cost nothing. */
function isAssumed(field: FieldCost): field is FieldCost & { readonly list: ListCost } {
  const { list, below, leafWeight } = field;
  if (list === undefined || list.readers.length > 0 || list.inherits) return false;
  return below !== undefined || leafWeight !== 0;
}
