/**
 * An audit line as an OTLP LogRecord: the exact line as body, so that the copy in the SIEM can be
 * hashed again byte for byte, and flat attributes beside it. A line that is no event is shipped
 * all the same, as an error: leaving it out would hide that someone wrote it.
 */
import { isUtf8 } from 'node:buffer';
import { toBytesText } from './attribute-text.ts';
import { toEventName } from './event-name.ts';
import type { LooseEvent } from './line-attributes.ts';
import { readPlace } from './line-seq.ts';
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
  const place = recent && readPlace(line);
  const event = place === undefined ? readEvent(line) : recent;
  const face = event === undefined ? unreadable : faceOf(event);
  const record = writer.begin(recordTag);
  const timeMs = isTime(event?.time) ? event.time : Math.floor(observedMs);
  writer.time(timeTag, timeMs);
  writer.latin1(face.severity);
  const body = writer.begin(bodyTag);
  writer.bytes(isUtf8(line) ? stringTag : bytesTag, line);
  writer.end(body);
  if (event !== undefined) {
    if (place === undefined) writeLineAttributes(writer, event);
    else writeRecentAttributes(writer, event, place);
    writeIds(writer, event);
  }
  writer.time(observedTag, Math.floor(observedMs));
  writer.latin1(face.name);
  writer.end(record);
}

/** What an event is called, as it stands on the wire. */
interface Face {
  readonly severity: string;
  readonly name: string;
}

function toFace({ name, severity }: { name: string; severity: number }): Face {
  return {
    severity: toBytesText((writer) => {
      writer.varint(severityTag);
      writer.varint(severity);
      writer.text(severityTextTag, severityTexts[severity] ?? '');
    }),
    name: toBytesText((writer) => writer.text(eventNameTag, name)),
  };
}

const unreadable = toFace({ name: 'gateway.audit.unreadable', severity: 17 });
let last = { decision: '', severity: Number.NaN, face: unreadable };

/** Mostly that of the event before. */
function faceOf(event: LooseEvent): Face {
  const decision = String(event.unmapped?.gateway?.decision ?? '');
  const severity = Number(event.severity_id);
  if (decision !== last.decision || severity !== last.severity) {
    last = { decision, severity, face: toFace(toEventName(decision, severity)) };
  }
  return last.face;
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

/** Lower-case digits, as many as an id has. */
function isHex(value: unknown, digits: number): value is string {
  if (typeof value !== 'string' || value.length !== digits) return false;
  for (let at = 0; at < digits; at += 1) {
    const code = value.charCodeAt(at);
    if (code < 0x30 || code > 0x66 || (code > 0x39 && code < 0x61)) return false;
  }
  return true;
}

const isTime = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value < 1e13;

function writeIds(writer: ProtoWriter, { trace }: LooseEvent): void {
  if (!isHex(trace?.uid, 32)) return;
  writer.hex(traceTag, trace.uid);
  if (isHex(trace.span?.uid, 16)) writer.hex(spanTag, trace.span.uid);
}
