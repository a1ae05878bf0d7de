/**
 * What workers ask of the process that owns what they share, and what it answers. Plain data: it
 * crosses a pipe as JSON, many calls in one message.
 */

import type { Seen } from '../detect/counted-keys.ts';
import type { CountRule } from '../detect/detection.ts';
import type { FiredAt } from '../detect/detection-counts.ts';
import type { Taken } from '../identify/replay-store.ts';
import type { Charge, MemoryPlace, Outcome, ReceiptLine } from '../rates/store.ts';

export type MemoryLine = ReceiptLine<MemoryPlace>;

/** Calls with an `id` are answered; the others are not waited for. */
export type OwnerCall =
  | { readonly op: 'charge'; readonly id: number; readonly charges: readonly Charge[] }
  /** Returns all that is left of each line. */
  | { readonly op: 'give-back'; readonly lines: readonly MemoryLine[] }
  | { readonly op: 'take'; readonly id: number; readonly proof: string; readonly group: string }
  /** `most`: places of the pool that one key may have, over all workers. */
  | { readonly op: 'enter'; readonly id: number; readonly key: string; readonly most: number }
  | { readonly op: 'leave'; readonly key: string }
  | {
      readonly op: 'detect';
      readonly id: number;
      /** What is counted here, each once. */
      readonly rules: readonly CountRule[];
      readonly seen: readonly SeenOf[];
    };

/** What a worker met; `of` is the place of its rule. */
export interface SeenOf extends Seen {
  readonly of: number;
}

/** `pool-full`: too many callers hold a place of the pool, and this one holds none. */
export type Entered = 'entered' | 'caller-full' | 'pool-full';

export interface OwnerAnswer {
  readonly id: number;
  readonly value: Outcome | Taken | Entered | readonly FiredAt[];
}
