/** What the first process of `serve --workers` and a worker tell each other, as JSON over a pipe. */
import type { ReadBounds } from '../console/decision-ring.ts';
import type { OwnerAnswer, OwnerCall } from './owner-calls.ts';

/** What a worker begins with. */
export interface WorkerStart {
  /** Whose audit chain it writes; no two that run have the same. */
  readonly slot: number;
  /** Slots in all: the workers, and one that takes over in a rolling restart. */
  readonly slots: number;
  /** No worker had this slot before. */
  readonly isFresh: boolean;
  /** The same in all, or one value would have several masks. */
  readonly maskKey: string;
  /** The same in all, or one caller would be several to detections. */
  readonly detectKey: string;
  /** How long the owner remembers used proofs. */
  readonly replayKeepMs: number;
  /** Folders of policies that there were when the first process started. */
  readonly policyFolders: readonly string[];
}

export type ToWorker =
  | { readonly kind: 'start'; readonly start: WorkerStart }
  | { readonly kind: 'answers'; readonly answers: readonly OwnerAnswer[] }
  /** What it prepared may be used: callers may come. */
  | { readonly kind: 'listen' }
  /** To be answered: one that does not hangs. */
  | { readonly kind: 'ping' }
  | { readonly kind: 'reload' }
  | { readonly kind: 'metrics'; readonly id: number }
  | {
      readonly kind: 'console';
      readonly id: number;
      /** How far was read: a cursor. */
      readonly after: string;
      readonly bounds: ReadBounds;
    }
  /** Another one has taken over: callers may finish what they have begun on their connections. */
  | { readonly kind: 'retire' }
  | { readonly kind: 'stop' };

export type FromWorker =
  /** From here on it hears what it is told. */
  | { readonly kind: 'hears' }
  /** All is there but the port. */
  | { readonly kind: 'prepared' }
  | { readonly kind: 'pong' }
  | { readonly kind: 'ready'; readonly url: string }
  | { readonly kind: 'calls'; readonly calls: readonly OwnerCall[] }
  /** Undefined text: they could not be collected. */
  | { readonly kind: 'metrics'; readonly id: number; readonly text?: string }
  /** Undefined text: it has no console. */
  | { readonly kind: 'console'; readonly id: number; readonly text?: string };
