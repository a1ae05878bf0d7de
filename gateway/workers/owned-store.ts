/**
 * The store of rates as a worker sees it: every decision is the owner's, so a limit holds over all
 * workers as it does in one process. Fails closed: without an answer it is `unavailable`.
 */
import {
  checkCharges,
  type MemoryPlace,
  type RateStore,
  type ReceiptLine,
  takeFromLine,
} from '../rates/store.ts';
import type { OwnerClient } from './owner-client.ts';

export function createOwnedStore(client: OwnerClient): RateStore {
  return {
    async charge(charges) {
      checkCharges(charges);
      const value = await client.ask({ op: 'charge', charges });
      return typeof value === 'object' ? value : { ok: 'unavailable' };
    },
    giveBack(receipt, amounts) {
      if (receipt.kind !== 'memory') throw new TypeError('a receipt of another store');
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
