/**
 * An audit line as an OTLP LogRecord: the exact line as body, so that the SIEM's copy can be hashed
 * again byte for byte, and flat attributes beside it. A line that is no event is shipped as well,
 * as an error: leaving it out would hide that someone wrote it.
 */
import { isUtf8 } from 'node:buffer';
import type { ChainLink } from '../audit-log/chain-line.ts';
import type { LooseEvent } from './line-attributes.ts';
import type { ProtoWriter } from './proto-writer.ts';
import type { RecentEvents } from './recent-events.ts';
import { writeParsed } from './write-facts.ts';
import { writeLink } from './write-line-attributes.ts';

/** Tags: the field number shifted by three, plus the wire type. */
const recordTag = 0x12;
const observedTag = 0x59;
const bodyTag = 0x2a;
const stringTag = 0x0a;
const bytesTag = 0x3a;

export interface WholeLine {
  readonly bytes: Buffer;
  /** In the chain; undefined if the line does not end as the log writes it. */
  readonly link?: ChainLink | undefined;
}

/**
 * Appends `log_records { ... }`. Attributes come from `recent` if it has the event, else from
 * parsing the line; the bytes are the same.
 */
export function writeLogRecord(
  writer: ProtoWriter,
  { bytes: line, link }: WholeLine,
  observedMs: number,
  recent?: Pick<RecentEvents, 'write'>,
): void {
  const record = writer.begin(recordTag);
  if (link !== undefined && recent?.write(writer, link.seq, line) === true) {
    writeLink(writer, link);
  } else writeParsed(writer, readLooseEvent(line), observedMs);
  const body = writer.begin(bodyTag);
  writer.bytes(isUtf8(line) ? stringTag : bytesTag, line);
  writer.end(body);
  writer.time(observedTag, Math.floor(observedMs));
  writer.end(record);
}

/** Unchecked: any JSON object is an event, with parts of any type. Undefined if it is none. */
export function readLooseEvent(line: Buffer): LooseEvent | undefined {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    // Shipped as it is, under the name `gateway.audit.unreadable`.
    return undefined;
  }
}
