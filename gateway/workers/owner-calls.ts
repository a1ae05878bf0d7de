/**
 * Calls of workers to the process that owns the shared state, and its answers. Plain data: sent as
 * JSON over a pipe, many calls per message.
 */

import type { Seen } from '../detect/counted-keys.ts';
import type { CountRule } from '../detect/detection.ts';
import type { FiredAt } from '../detect/detection-counts.ts';
import type { Taken, UsedProof } from '../identify/replay-store.ts';
import type { Charge, MemoryPlace, Outcome, ReceiptLine } from '../rates/store.ts';

export type MemoryLine = ReceiptLine<MemoryPlace>;

/** Calls with an `id` are answered; the others are fire-and-forget. */
export type OwnerCall =
  | { readonly op: 'charge'; readonly id: number; readonly charges: readonly Charge[] }
  /** Returns all units left on each line. */
  | { readonly op: 'give-back'; readonly lines: readonly MemoryLine[] }
  | { readonly op: 'take'; readonly id: number; readonly proof: UsedProof }
  /** `most`: pool places that one key may hold, over all workers. */
  | { readonly op: 'enter'; readonly id: number; readonly key: string; readonly most: number }
  | { readonly op: 'leave'; readonly key: string }
  | {
      readonly op: 'detect';
      readonly id: number;
      /** The rules counted here, each once. */
      readonly rules: readonly CountRule[];
      readonly seen: readonly SeenOf[];
    };

/** An observation of a worker; `of` is the index of its rule. */
export interface SeenOf extends Seen {
  readonly of: number;
}

/** `pool-full`: too many callers hold places of the pool, and this one holds none. */
export type Entered = 'entered' | 'caller-full' | 'pool-full';

export interface OwnerAnswer {
  readonly id: number;
  readonly value: Outcome | Taken | Entered | readonly FiredAt[];
}
