/**
 * Joins the results of charges that were counted in two places: those in force, and those in shadow
 * mode, whose units are never returned.
 */
import type { Charge, Granted, MemoryPlace, Outcome, ReceiptLine } from '../rates/store.ts';

/** In the order of the charges; shadow charges without an answer count as granted. */
export function joinTried(charges: readonly Charge[], own: Granted, tried: Outcome): Granted {
  const lines = own.receipt.kind === 'memory' ? own.receipt.lines : [];
  const joined = {
    granted: [] as number[],
    remaining: [] as number[],
    resetMs: [] as number[],
    lines: [] as ReceiptLine<MemoryPlace>[],
  };
  const at = { own: 0, tried: 0 };
  for (const { onTrial, amount, windowMs } of charges) {
    const from = onTrial ? (tried.ok === true ? tried : undefined) : own;
    const index = onTrial ? at.tried : at.own;
    joined.granted.push(from?.granted[index] ?? amount);
    joined.remaining.push(from?.remaining[index] ?? 0);
    joined.resetMs.push(from?.resetMs[index] ?? 0);
    const line = onTrial ? undefined : lines[index];
    joined.lines.push(line ?? { place: nowhere, stampMs: 0, windowMs, left: 0 });
    if (onTrial) at.tried += 1;
    else at.own += 1;
  }
  const { lines: all, ...rest } = joined;
  return { ok: true, ...rest, receipt: { kind: 'memory', lines: all } };
}

const nowhere: MemoryPlace = { high: 0, low: 0, shared: false };
