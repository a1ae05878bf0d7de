/** The options of a forwarder: where it reads, where it sends, its limits and its dependencies. */
import type { ResourceAttributes } from './export-request.ts';
import type { ReaderNotice } from './line-reader.ts';
import type { OtlpPost } from './post-otlp.ts';
import type { RecentEvents } from './recent-events.ts';

export interface ForwarderLimits {
  /** Bytes of one request before compression. */
  readonly batchBytes: number;
  readonly batchRecords: number;
  /** Time between polls of the log while little or nothing is waiting. */
  readonly pollMs: number;
  /** For one request, from connecting to the last byte of the response. */
  readonly requestTimeoutMs: number;
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** Bounds the pause that a collector asks for. */
  readonly retryAfterMaxMs: number;
  /** For the last flush when the gateway shuts down. */
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

/** Events for the operator. Failures are reported at 1, 2, 4, 8, ... in a row. */
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
  /** The audit log's; the log's writer has recovered it before `start`. */
  readonly directory: string;
  /** OTLP base URL; `/v1/logs` is appended. */
  readonly endpoint: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly resource?: ResourceAttributes;
  readonly limits?: Partial<ForwarderLimits>;
  /** Seq of the newest event in this process's own log: once it is read, nothing waits. */
  readonly newestSeq?: () => number;
  /** Recent events of this process's own log, whose lines need not be parsed. */
  readonly recent?: Pick<RecentEvents, 'write'> | undefined;
  readonly notice: (notice: ForwarderNotice) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From 0 up to, not including, 1; spreads the retries of many gateways. */
  readonly random: () => number;
  /** Resolves after that many milliseconds; rejects if the signal aborts. Default: a timer. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** Replaces HTTP to `endpoint`. */
  readonly post?: OtlpPost;
}
