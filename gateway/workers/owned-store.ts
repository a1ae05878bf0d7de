/**
 * The rate store of a worker. One eighth of each limit is dealt out to the workers in equal shares,
 * which each spends on its own; the rest is a pool that the owner keeps for all. Every share and
 * the pool is a sliding window of its own, so no interval grants more than their sum, which is the
 * limit. A limit too small to deal out is held by the owner alone, and exact; with a larger one, a
 * caller that reaches one worker only may be refused early, by up to the shares of the others.
 *
 * A worker in a reused slot does not know what was spent there, so its share of a rate starts after
 * one whole window. Fails closed: without an answer the result is `unavailable`.
 */
import { createMemoryStore, type MemoryStore } from '../rates/memory-store.ts';
import {
  type Charge,
  checkCharges,
  type Granted,
  type MemoryPlace,
  type Outcome,
  type RateStore,
  type Receipt,
  type ReceiptLine,
  takeFromLine,
} from '../rates/store.ts';
import { joinShadowed } from './join-shadowed.ts';
import type { OwnerClient } from './owner-client.ts';

export interface OwnedStoreOptions {
  /** Most workers running at the same time. */
  readonly slots: number;
  /** Whether this worker's slot was never used before. */
  readonly isFresh: boolean;
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
}

/** One unit in this many of each limit is dealt out. */
const dealt = 8;
/** Keys counted in a worker's own share; further ones are left to the owner. */
const keysMax = 50_000;

/** Throws TypeError for the receipt of another store. */
export function createOwnedStore(client: OwnerClient, options: OwnedStoreOptions): RateStore {
  const { slots, isFresh, clock } = options;
  const startedMs = clock();
  const shares = createMemoryStore({ clock, keysMax });
  // Rates in shadow mode use separate shares.
  let shadowedShares: MemoryStore | undefined;
  const ofShares = new WeakSet<Receipt>();
  const shareOf = (limit: number): number => Math.floor(limit / (dealt * slots));
  const poolOf = (limit: number): number => limit - slots * shareOf(limit);

  /** Charges all from the share, or nothing. */
  function chargeShare(charges: readonly Charge[], from = shares): Granted | undefined {
    const ageMs = clock() - startedMs;
    const isMine = ({ limit, amount, windowMs }: Charge): boolean =>
      amount <= shareOf(limit) && (isFresh || ageMs > windowMs + 1);
    if (!charges.every(isMine)) return undefined;
    const outcome = from.charge(
      charges.map((one) => ({
        ...one,
        limit: shareOf(one.limit),
        partial: false,
        inShadow: false,
      })),
    );
    if (outcome.ok !== true) return undefined;
    ofShares.add(outcome.receipt);
    const remaining = outcome.remaining.map((left, at) => left + poolOf(charges[at]?.limit ?? 0));
    return { ...outcome, remaining };
  }

  async function chargePool(charges: readonly Charge[]): Promise<Outcome> {
    // The memo belongs to this process.
    const pooled = charges.map((one) => ({ ...one, limit: poolOf(one.limit), memo: undefined }));
    const value = await client.ask({ op: 'charge', charges: pooled });
    return typeof value === 'object' && 'ok' in value ? value : { ok: 'unavailable' };
  }

  /** Charges in shadow mode must not push to the pool what the share has room for. */
  async function chargeWithShadowed(charges: readonly Charge[]): Promise<Outcome> {
    const isShadowed = ({ inShadow }: Charge): boolean => inShadow === true;
    const own = chargeShare(charges.filter((one) => !isShadowed(one)));
    if (own === undefined) return chargePool(charges);
    const shadowed = charges.filter(isShadowed);
    shadowedShares ??= createMemoryStore({ clock, keysMax });
    const counted = chargeShare(shadowed, shadowedShares) ?? (await chargePool(shadowed));
    const joined = joinShadowed(charges, own, counted);
    ofShares.add(joined.receipt);
    return joined;
  }

  return {
    charge(charges) {
      checkCharges(charges);
      if (charges.some(({ inShadow }) => inShadow)) return chargeWithShadowed(charges);
      return chargeShare(charges) ?? chargePool(charges);
    },
    giveBack(receipt, amounts) {
      if (receipt.kind !== 'memory') throw new TypeError('a receipt of another store');
      if (ofShares.has(receipt)) return shares.giveBack(receipt, amounts);
      const lines: ReceiptLine<MemoryPlace>[] = [];
      for (const [index, line] of receipt.lines.entries()) {
        const left = takeFromLine(line, amounts[index] ?? 0);
        if (left > 0) lines.push({ ...line, left });
      }
      if (lines.length > 0) client.tell({ op: 'give-back', lines });
    },
    close: async () => undefined,
  };
}
