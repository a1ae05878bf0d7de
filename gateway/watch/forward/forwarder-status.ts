/** What a forwarder says of itself, and how much waits for it. */
import { measureBacklog } from './backlog.ts';
import type { Cursor } from './cursor-file.ts';
import type { ForwarderOptions } from './forwarder-options.ts';
import type { AuditLine } from './line-reader.ts';
import { readEvent } from './write-log-record.ts';

export interface ForwarderStatus {
  /** Complete lines past the cursor. */
  readonly unshippedRecords: number;
  /** On the disk; compressed segments with their compressed size. */
  readonly unshippedBytes: number;
  /** Age of the oldest line that waits in memory; 0 where none does. */
  readonly oldestUnshippedAgeMs: number;
  /** Of the last line that is in the collector or in the dead-letter file. */
  readonly shippedSeq: number;
  /** Lines in the dead-letter file. */
  readonly deadLetters: number;
  /** Since this forwarder started. */
  readonly acceptedRecords: number;
  readonly consecutiveFailures: number;
  /** Of the current run of failures. */
  readonly failure: string | undefined;
}

type Waiting = Pick<
  ForwarderStatus,
  'unshippedRecords' | 'unshippedBytes' | 'oldestUnshippedAgeMs'
>;

/** @param oldest of the lines that wait in memory */
export async function measureWaiting(
  { directory, now }: Pick<ForwarderOptions, 'directory' | 'now'>,
  cursor: Cursor,
  oldest: AuditLine | undefined,
): Promise<Waiting> {
  const { records, bytes } = await measureBacklog(directory, cursor);
  const timeMs = oldest === undefined ? undefined : Number(readEvent(oldest.bytes)?.time);
  const ageMs = timeMs === undefined || Number.isNaN(timeMs) ? 0 : now() - timeMs;
  return {
    unshippedRecords: records,
    unshippedBytes: bytes,
    oldestUnshippedAgeMs: Math.max(0, ageMs),
  };
}
