/**
 * An audit line as an OTLP LogRecord: the exact line as body, so that the copy in the SIEM can be
 * hashed again byte for byte, and flat attributes beside it. A line that is no event is shipped
 * all the same, as an error: leaving it out would hide that someone wrote it.
 */
import { isUtf8 } from 'node:buffer';
import { readLink } from '../audit-log/chain-line.ts';
import { toEventName } from './event-name.ts';
import type { LooseEvent } from './line-attributes.ts';
import type { ProtoWriter } from './proto-writer.ts';
import { writeLineAttributes, writeRecentAttributes } from './write-line-attributes.ts';

/** Field number shifted by three, plus wire type. */
const recordTag = 0x12;
const timeTag = 0x09;
const observedTag = 0x59;
const severityTag = 0x10;
const severityTextTag = 0x1a;
const bodyTag = 0x2a;
const traceTag = 0x4a;
const spanTag = 0x52;
const eventNameTag = 0x62;
const stringTag = 0x0a;
const bytesTag = 0x3a;

const severityTexts: Readonly<Record<number, string>> = {
  9: 'INFO',
  13: 'WARN',
  17: 'ERROR',
  21: 'FATAL',
};

/**
 * Appends `log_records { ... }`.
 * @param recent the event of this line, where it need not be parsed
 */
export function writeLogRecord(
  writer: ProtoWriter,
  line: Buffer,
  observedMs: number,
  recent?: LooseEvent,
): void {
  // The event's place is in its line alone.
  const chain = recent && readLink(line);
  const event = chain === undefined ? readEvent(line) : recent;
  const decision = String(event?.unmapped?.gateway?.decision ?? '');
  const { name, severity } =
    event === undefined
      ? ({ name: 'gateway.audit.unreadable', severity: 17 } as const)
      : toEventName(decision, Number(event.severity_id));
  const record = writer.begin(recordTag);
  const timeMs = isTime(event?.time) ? event.time : Math.floor(observedMs);
  writer.time(timeTag, timeMs);
  writer.varint(severityTag);
  writer.varint(severity);
  writer.text(severityTextTag, severityTexts[severity] ?? '');
  const body = writer.begin(bodyTag);
  writer.bytes(isUtf8(line) ? stringTag : bytesTag, line);
  writer.end(body);
  if (event !== undefined) {
    if (chain === undefined) writeLineAttributes(writer, event);
    else writeRecentAttributes(writer, event, chain);
    writeIds(writer, event);
  }
  writer.time(observedTag, Math.floor(observedMs));
  writer.text(eventNameTag, name);
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

const isTime = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value < 1e13;

function writeIds(writer: ProtoWriter, { trace }: LooseEvent): void {
  const { uid, span } = trace ?? {};
  if (typeof uid !== 'string' || !/^[0-9a-f]{32}$/.test(uid)) return;
  writer.hex(traceTag, uid);
  if (typeof span?.uid !== 'string' || !/^[0-9a-f]{16}$/.test(span.uid)) return;
  writer.hex(spanTag, span.uid);
}
