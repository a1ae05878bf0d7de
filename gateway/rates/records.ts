/**
 * How many values of a rate's coordinates an operation may deliver: each classified field times
 * the lists above it, as asked for or assumed. An estimate for the reservation alone; what leaves
 * is counted as it leaves.
 */
import type { ProjectedSelection, ProjectedValue } from '../plan/plan.ts';
import type { CompiledRate } from './rate.ts';

/** What a field says of the lists right below it. */
export interface PassedRows {
  readonly size: number;
  readonly fields: readonly string[];
}

/** Entries that one occurrence of a field may hold, 1 where it is no list. */
export type RowsOf = (
  field: ProjectedValue,
  variables: Readonly<Record<string, unknown>>,
  above?: PassedRows,
) => { readonly size: number; readonly passed: PassedRows | undefined };

/** Saturates: beyond this nothing is estimated, the limit is. */
const recordsMax = 1_000_000_000;

export function estimateRecords(
  selection: ProjectedSelection,
  rate: CompiledRate,
  rowsOf: RowsOf,
  variables: Readonly<Record<string, unknown>>,
  above?: PassedRows,
): number {
  let most = 0;
  for (const fields of selection.byType.values()) {
    let sum = 0;
    for (const field of fields) {
      if (field.kind !== 'value') continue;
      const rows = rowsOf(field, variables, above);
      const own = rate.coordinates?.has(field.coordinate) === true ? 1 : 0;
      const below =
        field.selection === undefined
          ? 0
          : estimateRecords(field.selection, rate, rowsOf, variables, rows.passed);
      // Both are finite, or nothing times no end would be no number at all.
      sum += Math.min(Math.ceil(rows.size), recordsMax) * (own + below);
    }
    most = Math.max(most, sum);
  }
  return Math.min(most, recordsMax);
}
