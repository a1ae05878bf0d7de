/** How much of the cache of plans a plan takes: an estimate, so that what it hangs on is counted too. */
import type { AuthorizedOperation, FieldGuard } from '../../plan/plan.ts';
import { ArgumentQuestion } from './plan-arguments.ts';

/** What a planned field holds in memory, its share of the engine's program included; measured. */
const bytesPerField = 900;
/** What the fields of one concrete type hold together, besides; measured. A document of its own as well. */
const bytesPerType = 5_000;

/** The largest plans are larger than the whole cache, and are not kept. */
export function bytesOf(plan: AuthorizedOperation | ArgumentQuestion): number {
  if (plan instanceof ArgumentQuestion) return bytesPerField;
  const { rowDenials, pins = [], trials = [] } = plan;
  let bytes = bytesPerType * (1 + trials.length) + bytesPerField * (rowDenials.size + pins.length);
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

/** Its choices select what the field does; what is read before a write is a document each. */
const bytesOfGuard = ({ choices, before = [] }: FieldGuard): number =>
  bytesPerField * choices.length + bytesPerType * before.length;
