/** Messages between the first process of `serve --workers` and a worker, as JSON over a pipe. */
import type { ReadBounds } from '../console/decision-ring.ts';
import type { OwnerAnswer, OwnerCall } from './owner-calls.ts';

/** A worker's start configuration. */
export interface WorkerStart {
  /** Selects the audit chain that it writes; unique among running workers. */
  readonly slot: number;
  /** Total slots: the workers, and one for the successor in a rolling restart. */
  readonly slots: number;
  /** Whether no worker had this slot before. */
  readonly isFresh: boolean;
  /** The same in all workers, or one value would have several masks. */
  readonly maskKey: string;
  /** The same in all workers, or detections would see one caller as several. */
  readonly detectKey: string;
  /** How long the owner remembers used proofs. */
  readonly replayKeepMs: number;
  /** Policy folders that existed when the first process started. */
  readonly policyFolders: readonly string[];
}

export type ToWorker =
  | { readonly kind: 'start'; readonly start: WorkerStart }
  | { readonly kind: 'answers'; readonly answers: readonly OwnerAnswer[] }
  /** Start serving with what was prepared. */
  | { readonly kind: 'listen' }
  /** Must be answered: a worker that does not is considered hanging. */
  | { readonly kind: 'ping' }
  | { readonly kind: 'reload' }
  | { readonly kind: 'metrics'; readonly id: number }
  | {
      readonly kind: 'console';
      readonly id: number;
      /** Cursor: what was read so far. */
      readonly after: string;
      readonly bounds: ReadBounds;
    }
  /** Its successor has taken over: callers may finish what they have begun on their connections. */
  | { readonly kind: 'retire' }
  | { readonly kind: 'stop' };

export type FromWorker =
  /** The worker now receives messages. */
  | { readonly kind: 'hears' }
  /** Everything but the port is ready. */
  | { readonly kind: 'prepared' }
  | { readonly kind: 'pong' }
  | { readonly kind: 'ready'; readonly url: string }
  | { readonly kind: 'calls'; readonly calls: readonly OwnerCall[] }
  /** Undefined text: the metrics could not be collected. */
  | { readonly kind: 'metrics'; readonly id: number; readonly text?: string }
  /** Undefined text: it has no console. */
  | { readonly kind: 'console'; readonly id: number; readonly text?: string };
