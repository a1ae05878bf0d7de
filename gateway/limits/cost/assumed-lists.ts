/** Which lists of an operation an estimate knows nothing of, so that whoever wonders can tell it more. */
import { type CostInput, compileCost } from './cost-compile.ts';
import type { FieldCost, ListCost, SetCost } from './cost-program.ts';

export interface AssumedList {
  readonly coordinate: string;
  readonly entries: number;
}

/** Lists of which no argument says how long they are, in the order of the document. */
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

/** Lists of leaves that weigh nothing cost nothing, however long. */
function isAssumed(field: FieldCost): field is FieldCost & { readonly list: ListCost } {
  const { list, below, leafWeight } = field;
  if (list === undefined || list.readers.length > 0 || list.inherits) return false;
  return below !== undefined || leafWeight !== 0;
}
