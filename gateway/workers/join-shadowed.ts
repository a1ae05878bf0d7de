/**
 * Joins the results of charges that were counted in two places: those in force, and those in shadow
 * mode, whose units are never returned.
 */
import type { Charge, Granted, MemoryPlace, Outcome, ReceiptLine } from '../rates/store.ts';

/** In the order of the charges; shadow charges without an answer count as granted. */
export function joinShadowed(charges: readonly Charge[], own: Granted, shadowed: Outcome): Granted {
  const lines = own.receipt.kind === 'memory' ? own.receipt.lines : [];
  const joined = {
    granted: [] as number[],
    remaining: [] as number[],
    resetMs: [] as number[],
    lines: [] as ReceiptLine<MemoryPlace>[],
  };
  const at = { own: 0, shadowed: 0 };
  for (const { inShadow, amount, windowMs } of charges) {
    const from = inShadow ? (shadowed.ok === true ? shadowed : undefined) : own;
    const index = inShadow ? at.shadowed : at.own;
    joined.granted.push(from?.granted[index] ?? amount);
    joined.remaining.push(from?.remaining[index] ?? 0);
    joined.resetMs.push(from?.resetMs[index] ?? 0);
    const line = inShadow ? undefined : lines[index];
    joined.lines.push(line ?? { place: nowhere, stampMs: 0, windowMs, left: 0 });
    if (inShadow) at.shadowed += 1;
    else at.own += 1;
  }
  const { lines: all, ...rest } = joined;
  return { ok: true, ...rest, receipt: { kind: 'memory', lines: all } };
}

const nowhere: MemoryPlace = { high: 0, low: 0, shared: false };
