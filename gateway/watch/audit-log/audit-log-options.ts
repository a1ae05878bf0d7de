/** What a log is opened with, its defaults, and what it says about itself. */
import type { KeyObject } from 'node:crypto';

export interface AuditLogOptions {
  readonly directory: string;
  /** `batch` survives the process's death, `strict` the machine's. */
  readonly durability: 'batch' | 'strict';
  readonly signingKey: KeyObject;
  /** Bytes of events taken and not written yet. */
  readonly bufferBytesMax: number;
  /** Between two writes where somebody waits. */
  readonly commitIntervalMs: number;
  /** How long records gather for which nobody waits. */
  readonly gatherMs: number;
  readonly rotateBytes: number;
  readonly rotateMs: number;
  readonly checkpointMs: number;
  readonly checkpointRecords: number;
  /** Age after which a closed segment may go; undefined: never. */
  readonly retentionMs: number | undefined;
  /** Whether only what the forwarder sent on may go. */
  readonly retainUnshipped: boolean;
  readonly compress: 'zst' | 'gz' | 'none';
  /** Work on the disk that takes longer, a write or a sync, makes the log failing until it returns. */
  readonly stallMs: number;
  readonly retryMaxMs: number;
  /** How often age is looked at: of checkpoint, segment, sync and lock. */
  readonly tickMs: number;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Told each checkpoint, to be kept outside. */
  readonly onCheckpoint: (note: string) => void;
  /** Told what an operator must hear. */
  readonly report: (news: LogNews) => void;
}

export type LogNews =
  | { readonly kind: 'failing'; readonly reason: string }
  | { readonly kind: 'recovered'; readonly refused: number }
  /** The buffer has no room: said once, until what was turned away is in the log. */
  | { readonly kind: 'full' }
  /**
   * At the start: the segment of this file has no lines. They were removed before they were signed,
   * or the last process ended while it began the segment.
   */
  | { readonly kind: 'lines-missing'; readonly file: string }
  /** Compression or retention did not work; tried again after the next rotation. */
  | { readonly kind: 'housekeeping'; readonly reason: string }
  /** At the end, with all that was taken written: files or lock could not be given back. */
  | { readonly kind: 'not-closed'; readonly reason: string };

export interface LogStatus {
  readonly nextSeq: number;
  readonly pendingBytes: number;
  readonly pendingRecords: number;
  /** Why nothing is taken. */
  readonly failing: string | undefined;
  /** Events turned away since the log last said so in a record of its own. */
  readonly refused: number;
  /** Time the last group took. */
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
