/** What a forwarder is made of: where it reads, where it sends, its limits and its means. */
import type { ResourceAttributes } from './export-request.ts';
import type { ReaderNotice } from './line-reader.ts';
import type { OtlpPost } from './post-otlp.ts';
import type { RecentEvents } from './recent-events.ts';

export interface ForwarderLimits {
  /** Of one request, before compression. */
  readonly batchBytes: number;
  readonly batchRecords: number;
  /** Between looks at the log when nothing, or little, is waiting. */
  readonly pollMs: number;
  /** For one request, from connecting to the last byte of the answer. */
  readonly requestTimeoutMs: number;
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** A collector that asks for more is asked again after this. */
  readonly retryAfterMaxMs: number;
  /** For the last flush when the gateway ends. */
  readonly closeTimeoutMs: number;
  readonly deadLetterBytesMax: number;
}

export const forwarderLimits: ForwarderLimits = Object.freeze({
  batchBytes: 1024 * 1024,
  batchRecords: 512,
  pollMs: 250,
  requestTimeoutMs: 30_000,
  backoffMinMs: 250,
  backoffMaxMs: 5_000,
  retryAfterMaxMs: 60_000,
  closeTimeoutMs: 5_000,
  deadLetterBytesMax: 64 * 1024 * 1024,
});

/** Things an operator wants to read about. Failures come at 1, 2, 4, 8, ... in a row. */
export type ForwarderNotice =
  | ReaderNotice
  | { readonly kind: 'cursor-unreadable' }
  | { readonly kind: 'failing'; readonly why: string; readonly failures: number }
  | { readonly kind: 'recovered'; readonly failures: number }
  | {
      readonly kind: 'parked';
      readonly reason: 'refused' | 'partial';
      readonly detail: string;
      readonly lines: number;
      readonly rejected: number;
    };

export interface ForwarderOptions {
  /** Of the audit log; its writer has recovered it before `start`. */
  readonly directory: string;
  /** OTLP base URL; `/v1/logs` is appended. */
  readonly endpoint: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly resource?: ResourceAttributes;
  readonly limits?: Partial<ForwarderLimits>;
  /** Of the last event that this process's own log has taken: once that is read, none waits. */
  readonly newestSeq?: () => number;
  /** Events of this process's own log, so that those of late are not parsed. */
  readonly recent?: Pick<RecentEvents, 'write'> | undefined;
  readonly notice: (notice: ForwarderNotice) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 up to 1; spreads the retries of many gateways. */
  readonly random: () => number;
  /** Resolves after so long; rejects when the signal says so. Default: a timer. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** Instead of HTTP to `endpoint`. */
  readonly post?: OtlpPost;
}
