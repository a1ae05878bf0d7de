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

export interface EncodedLine {
  readonly bytes: Buffer;
  /** In the chain, which is in the line alone. */
  readonly place?: Place | undefined;
  /** What the line says, where that is known without parsing it; counts beside a place only. */
  readonly event?: LooseEvent | undefined;
}

/** Appends `log_records { ... }`. */
export function writeLogRecord(
  writer: ProtoWriter,
  { bytes: line, place, event: recent }: EncodedLine,
  observedMs: number,
): void {
  const isRecent = recent !== undefined && place !== undefined;
  const event = isRecent ? recent : readEvent(line);
  const face = event === undefined ? unreadable : faceOf(event);
  const record = writer.begin(recordTag);
  const timeMs = isTime(event?.time) ? event.time : Math.floor(observedMs);
  writer.time(timeTag, timeMs);
  writer.latin1(face.severity);
  const body = writer.begin(bodyTag);
  writer.bytes(isUtf8(line) ? stringTag : bytesTag, line);
  writer.end(body);
  if (event !== undefined) {
    if (isRecent) writeRecentAttributes(writer, event, place);
    else writeLineAttributes(writer, event);
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

const isTime = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value < 1e13;

function writeIds(writer: ProtoWriter, { trace }: LooseEvent): void {
  if (!writeId(writer, traceTag, trace?.uid, 32)) return;
  writeId(writer, spanTag, trace?.span?.uid, 16);
}

/** False where that is no id of so many digits. */
const writeId = (writer: ProtoWriter, tag: number, id: unknown, digits: number): boolean =>
  typeof id === 'string' && id.length === digits && writer.hex(tag, id);
