/**
 * An audit line as an OTLP LogRecord: the exact line as body, so that the copy in the SIEM can be
 * hashed again byte for byte, and flat attributes beside it. A line that is no event is shipped
 * all the same, as an error: leaving it out would hide that someone wrote it.
 */
import { isUtf8 } from 'node:buffer';
import type { LooseEvent } from './line-attributes.ts';
import type { Place } from './line-seq.ts';
import type { ProtoWriter } from './proto-writer.ts';
import type { RecentEvents } from './recent-events.ts';
import { writeParsed } from './write-facts.ts';
import { writePlace } from './write-line-attributes.ts';

/** Field number shifted by three, plus wire type. */
const recordTag = 0x12;
const observedTag = 0x59;
const bodyTag = 0x2a;
const stringTag = 0x0a;
const bytesTag = 0x3a;

export interface WholeLine {
  readonly bytes: Buffer;
  /** In the chain; undefined where the log has not written the line's end. */
  readonly place?: Place | undefined;
}

/**
 * Appends `log_records { ... }`. What `recent` knows of the line is copied; else the line is parsed.
 * Both are equal to the byte.
 */
export function writeLogRecord(
  writer: ProtoWriter,
  { bytes: line, place }: WholeLine,
  observedMs: number,
  recent?: Pick<RecentEvents, 'write'>,
): void {
  const record = writer.begin(recordTag);
  if (place !== undefined && recent?.write(writer, place.seq, line) === true) {
    writePlace(writer, place);
  } else writeParsed(writer, readEvent(line), observedMs);
  const body = writer.begin(bodyTag);
  writer.bytes(isUtf8(line) ? stringTag : bytesTag, line);
  writer.end(body);
  writer.time(observedTag, Math.floor(observedMs));
  writer.end(record);
}

/** Undefined for a line that is no JSON object. */
export function readEvent(line: Buffer): LooseEvent | undefined {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    // Shipped as it is, under a name that says so.
    return undefined;
  }
}
