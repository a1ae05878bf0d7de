/**
 * An audit line as an OTLP LogRecord: the exact line as body, so that the copy in the SIEM can be
 * hashed again byte for byte, and flat attributes beside it. A line that is no event is shipped
 * all the same, as an error: leaving it out would hide that someone wrote it.
 */
import { isUtf8 } from 'node:buffer';
import { toBytesText } from './attribute-text.ts';
import { toEventName } from './event-name.ts';
import type { LooseEvent } from './line-attributes.ts';
import type { Place } from './line-seq.ts';
import type { ProtoWriter } from './proto-writer.ts';
import type { RecentEvents } from './recent-events.ts';
import {
  writeParsedFacts,
  writeParsedPlace,
  writePlace,
  writeRecentFacts,
} from './write-line-attributes.ts';

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

function writeParsed(writer: ProtoWriter, event: LooseEvent | undefined, observedMs: number): void {
  writer.time(timeTag, hasTime(event) ? event.time : Math.floor(observedMs));
  writer.latin1(event === undefined ? unreadable : faceOf(event));
  if (event === undefined) return;
  writeIds(writer, event);
  writeParsedFacts(writer, event);
  writeParsedPlace(writer, event);
}

/**
 * What a record says of its event, without its line and its place, which are the log's. Returns
 * where the event's id ends; undefined, and nothing to use, for one without a time.
 */
export function writeFacts(writer: ProtoWriter, event: LooseEvent): number | undefined {
  if (!hasTime(event)) return undefined;
  writer.time(timeTag, event.time);
  writer.latin1(faceOf(event));
  writeIds(writer, event);
  return writeRecentFacts(writer, event);
}

/** Severity and name of an event, as they stand on the wire. */
const toFace = ({ name, severity }: { name: string; severity: number }): string =>
  toBytesText((writer) => {
    writer.varint(severityTag);
    writer.varint(severity);
    writer.text(severityTextTag, severityTexts[severity] ?? '');
    writer.text(eventNameTag, name);
  });

const unreadable = toFace({ name: 'gateway.audit.unreadable', severity: 17 });
let last = { decision: '', severity: Number.NaN, face: unreadable };

/** Mostly that of the event before. */
function faceOf(event: LooseEvent): string {
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

function hasTime(event: LooseEvent | undefined): event is LooseEvent & { readonly time: number } {
  const time = event?.time;
  return typeof time === 'number' && Number.isSafeInteger(time) && time > 0 && time < 1e13;
}

function writeIds(writer: ProtoWriter, { trace }: LooseEvent): void {
  if (!writeId(writer, traceTag, trace?.uid, 32)) return;
  writeId(writer, spanTag, trace?.span?.uid, 16);
}

/** False where that is no id of so many digits. */
const writeId = (writer: ProtoWriter, tag: number, id: unknown, digits: number): boolean =>
  typeof id === 'string' && id.length === digits && writer.hex(tag, id);
