/** Estimates how much of the plan cache a plan takes, with everything it keeps in memory. */
import type { AuthorizedOperation, FieldGuard } from '../../plan/plan.ts';
import { ArgumentQuestion } from './plan-arguments.ts';

/** Memory of a planned field, with its share of the engine's program; measured. */
const bytesPerField = 900;
/** Additional memory of one concrete type's fields together, or of one more document; measured. */
const bytesPerType = 5_000;

/** The largest plans exceed the whole cache and are not cached. */
export function bytesOf(plan: AuthorizedOperation | ArgumentQuestion): number {
  if (plan instanceof ArgumentQuestion) return bytesPerField;
  const { rowDenials, pins = [], shadows = [] } = plan;
  let bytes = bytesPerType * (1 + shadows.length) + bytesPerField * (rowDenials.size + pins.length);
  const pending = [plan.projection];
  for (let selection = pending.pop(); selection !== undefined; selection = pending.pop()) {
    bytes += bytesPerField * (selection.guards?.size ?? 0);
    for (const list of selection.byType.values()) {
      bytes += bytesPerType + bytesPerField * list.length;
      for (const field of list) {
        if (field.kind !== 'value') continue;
        if (field.guard !== undefined) bytes += bytesOfGuard(field.guard);
        if (field.selection !== undefined) pending.push(field.selection);
      }
    }
  }
  return bytes;
}

/** Each choice selects the whole field; each read before a write is a document of its own. */
const bytesOfGuard = ({ choices, before = [] }: FieldGuard): number =>
  bytesPerField * choices.length + bytesPerType * before.length;
