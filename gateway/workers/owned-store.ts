/**
 * The store of rates as a worker sees it. An eighth of each limit is dealt out to the workers in
 * equal shares, which each spends by itself; the rest is a pool that the owner keeps for all. Each
 * is a sliding window of its own, so in no interval is more granted than shares and pool together,
 * which is the limit. A limit too small to be dealt out is the owner's alone, and exact; of a larger
 * one, up to the other workers' shares may be refused early where a caller meets one worker only.
 *
 * A worker in a slot that was used before does not know what was spent there: its share of a rate
 * begins when a whole window has passed. Fails closed: without an answer it is `unavailable`.
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
import { joinTried } from './join-tried.ts';
import type { OwnerClient } from './owner-client.ts';

export interface OwnedStoreOptions {
  /** Workers that may run at the same time. */
  readonly slots: number;
  /** Nothing was ever spent in this worker's slot. */
  readonly isFresh: boolean;
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
}

/** Of each limit, one in so many units is dealt out. */
const dealt = 8;
/** Keys of a worker's own share; further ones are the owner's to count. */
const keysMax = 50_000;

/** Throws TypeError for the receipt of another store. */
export function createOwnedStore(client: OwnerClient, options: OwnedStoreOptions): RateStore {
  const { slots, isFresh, clock } = options;
  const startedMs = clock();
  const shares = createMemoryStore({ clock, keysMax });
  // Rates on trial have shares apart from those in force.
  let triedShares: MemoryStore | undefined;
  const ofShares = new WeakSet<Receipt>();
  const shareOf = (limit: number): number => Math.floor(limit / (dealt * slots));
  const poolOf = (limit: number): number => limit - slots * shareOf(limit);

  /** All charges of a call from the share, or none. */
  function chargeShare(charges: readonly Charge[], from = shares): Granted | undefined {
    const ageMs = clock() - startedMs;
    const isMine = ({ limit, amount, windowMs }: Charge): boolean =>
      amount <= shareOf(limit) && (isFresh || ageMs > windowMs + 1);
    if (!charges.every(isMine)) return undefined;
    const outcome = from.charge(
      charges.map((one) => ({ ...one, limit: shareOf(one.limit), partial: false, onTrial: false })),
    );
    if (outcome.ok !== true) return undefined;
    ofShares.add(outcome.receipt);
    const remaining = outcome.remaining.map((left, at) => left + poolOf(charges[at]?.limit ?? 0));
    return { ...outcome, remaining };
  }

  async function chargePool(charges: readonly Charge[]): Promise<Outcome> {
    // What this process made of a key is nothing to the owner.
    const pooled = charges.map((one) => ({ ...one, limit: poolOf(one.limit), memo: undefined }));
    const value = await client.ask({ op: 'charge', charges: pooled });
    return typeof value === 'object' && 'ok' in value ? value : { ok: 'unavailable' };
  }

  /** What is on trial must not send to the pool what the share has room for. */
  async function chargeWithTried(charges: readonly Charge[]): Promise<Outcome> {
    const isTried = ({ onTrial }: Charge): boolean => onTrial === true;
    const own = chargeShare(charges.filter((one) => !isTried(one)));
    if (own === undefined) return chargePool(charges);
    const tried = charges.filter(isTried);
    triedShares ??= createMemoryStore({ clock, keysMax });
    const counted = chargeShare(tried, triedShares) ?? (await chargePool(tried));
    const joined = joinTried(charges, own, counted);
    ofShares.add(joined.receipt);
    return joined;
  }

  return {
    charge(charges) {
      checkCharges(charges);
      if (charges.some(({ onTrial }) => onTrial)) return chargeWithTried(charges);
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
