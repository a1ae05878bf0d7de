/**
 * Estimates how many values of a rate's coordinates an operation may deliver: each classified field
 * times the sizes of the lists above it, as asked for or assumed. Used only for the reservation;
 * values are counted as they leave.
 */
import type { ProjectedSelection, ProjectedValue } from '../plan/plan.ts';
import type { CompiledRate } from './rate.ts';

/** A size that a field passes to the lists directly below it. */
export interface PassedRows {
  readonly size: number;
  readonly fields: readonly string[];
}

/** Entries that one occurrence of a field may hold; 1 if it is no list. */
export type RowsOf = (
  field: ProjectedValue,
  variables: Readonly<Record<string, unknown>>,
  above?: PassedRows,
) => { readonly size: number; readonly passed: PassedRows | undefined };

/** Estimates saturate here; the limit itself still applies. */
const recordsMax = 1_000_000_000;

export interface EstimateMeans {
  readonly rate: CompiledRate;
  readonly rowsOf: RowsOf;
  readonly variables: Readonly<Record<string, unknown>>;
}

export function estimateRecords(
  selection: ProjectedSelection,
  means: EstimateMeans,
  above?: PassedRows,
): number {
  const { rate, rowsOf, variables } = means;
  let most = 0;
  for (const fields of selection.byType.values()) {
    let sum = 0;
    for (const field of fields) {
      if (field.kind !== 'value') continue;
      const rows = rowsOf(field, variables, above);
      const own = rate.coordinates?.has(field.coordinate) === true ? 1 : 0;
      const below =
        field.selection === undefined ? 0 : estimateRecords(field.selection, means, rows.passed);
      // Both factors are finite: zero times infinity would be NaN.
      sum += Math.min(Math.ceil(rows.size), recordsMax) * (own + below);
    }
    most = Math.max(most, sum);
  }
  return Math.min(most, recordsMax);
}
