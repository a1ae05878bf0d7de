/** The options of a log, their defaults, and what the log reports. */
import type { KeyObject } from 'node:crypto';

export interface AuditLogOptions {
  readonly directory: string;
  /** `batch` survives the death of the process, `strict` that of the machine. */
  readonly durability: 'batch' | 'strict';
  readonly signingKey: KeyObject;
  /** Bytes of events that may wait to be written. */
  readonly bufferBytesMax: number;
  /** Least time between two writes while a caller waits. */
  readonly commitIntervalMs: number;
  /** How long records gather while no caller waits for them. */
  readonly gatherMs: number;
  readonly rotateBytes: number;
  readonly rotateMs: number;
  readonly checkpointMs: number;
  readonly checkpointRecords: number;
  /** Age after which a closed segment may be deleted; undefined: never. */
  readonly retentionMs: number | undefined;
  /** Whether only shipped segments may be deleted. */
  readonly retainUnshipped: boolean;
  readonly compress: 'zst' | 'gz' | 'none';
  /** A write or sync that takes longer makes the log failing until it returns. */
  readonly stallMs: number;
  readonly retryMaxMs: number;
  /** How often the age of checkpoint and segment, the lock and the files are checked. */
  readonly tickMs: number;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Called with each checkpoint, to be kept outside the log. */
  readonly onCheckpoint: (note: string) => void;
  /** Called with news for the operator. */
  readonly report: (news: LogNews) => void;
}

export type LogNews =
  | { readonly kind: 'failing'; readonly reason: string }
  | { readonly kind: 'recovered'; readonly refused: number }
  /** The buffer is full: reported once, until the refusals are recorded in the log. */
  | { readonly kind: 'full' }
  /**
   * At start: the segment of this file has no lines. They were removed before they were signed, or
   * the last process ended while it began the segment.
   */
  | { readonly kind: 'lines-missing'; readonly file: string }
  /** Compression or retention failed; it is tried again after the next rotation. */
  | { readonly kind: 'housekeeping'; readonly reason: string }
  /** At the end: files could not be closed, or the lock could not be released. */
  | { readonly kind: 'not-closed'; readonly reason: string };

export interface LogStatus {
  readonly nextSeq: number;
  readonly pendingBytes: number;
  readonly pendingRecords: number;
  /** Why the log takes no events; undefined if it does. */
  readonly failing: string | undefined;
  /** Events refused since the log last recorded such a gap. */
  readonly refused: number;
  /** How long the last group took to write. */
  readonly commitMs: number;
}

const ignore = () => undefined;

export const auditLogDefaults = Object.freeze({
  durability: 'batch',
  bufferBytesMax: 8 * 2 ** 20,
  commitIntervalMs: 2,
  gatherMs: 20,
  rotateBytes: 64 * 2 ** 20,
  rotateMs: 3_600_000,
  checkpointMs: 10_000,
  checkpointRecords: 10_000,
  retentionMs: undefined,
  retainUnshipped: true,
  compress: 'zst',
  stallMs: 5_000,
  retryMaxMs: 5_000,
  tickMs: 1_000,
  clock: Date.now,
  onCheckpoint: ignore,
  report: ignore,
} as const) satisfies Omit<AuditLogOptions, 'directory' | 'signingKey'>;
