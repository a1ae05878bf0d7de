/**
 * Writes what a log record says of an audit event, except its line and when it was observed. The
 * event is either a parsed line or one of this process, whose place in the chain is only in its
 * line and follows later. Both give the same bytes.
 */
import { toBytesText } from './attribute-text.ts';
import { toEventName } from './event-name.ts';
import type { LooseEvent } from './line-attributes.ts';
import type { ProtoWriter } from './proto-writer.ts';
import { writeParsedFacts, writeParsedPlace, writeRecentFacts } from './write-line-attributes.ts';

/** Tags: the field number shifted by three, plus the wire type. */
const timeTag = 0x09;
const severityTag = 0x10;
const severityTextTag = 0x1a;
const traceTag = 0x4a;
const spanTag = 0x52;
const eventNameTag = 0x62;

const severityTexts: Readonly<Record<number, string>> = {
  9: 'INFO',
  13: 'WARN',
  17: 'ERROR',
  21: 'FATAL',
};

/** For a parsed line, with its place in the chain; undefined if the line is no event. */
export function writeParsed(
  writer: ProtoWriter,
  event: LooseEvent | undefined,
  observedMs: number,
): void {
  writer.time(timeTag, hasTime(event) ? event.time : Math.floor(observedMs));
  writer.latin1(event === undefined ? unreadable : faceOf(event));
  if (event === undefined) return;
  writeIds(writer, event);
  writeParsedFacts(writer, event);
  writeParsedPlace(writer, event);
}

/**
 * For an event of this process. Returns where the event's id ends, or undefined if the event has no
 * time; what was written must not be used then.
 */
export function writeRecent(writer: ProtoWriter, event: LooseEvent): number | undefined {
  if (!hasTime(event)) return undefined;
  writer.time(timeTag, event.time);
  writer.latin1(faceOf(event));
  writeIds(writer, event);
  return writeRecentFacts(writer, event);
}

/** Severity and name of an event, encoded. */
const toFace = ({ name, severity }: { name: string; severity: number }): string =>
  toBytesText((writer) => {
    writer.varint(severityTag);
    writer.varint(severity);
    writer.text(severityTextTag, severityTexts[severity] ?? '');
    writer.text(eventNameTag, name);
  });

const unreadable = toFace({ name: 'gateway.audit.unreadable', severity: 17 });
let last = { decision: '', severity: Number.NaN, face: unreadable };

/** Mostly equal to that of the event before. */
function faceOf(event: LooseEvent): string {
  // A line that somebody wrote may have anything here, also what cannot be made a text.
  const written = event.unmapped?.gateway?.decision;
  const decision = typeof written === 'string' ? written : '';
  const severity = typeof event.severity_id === 'number' ? event.severity_id : 0;
  if (decision !== last.decision || severity !== last.severity) {
    last = { decision, severity, face: toFace(toEventName(decision, severity)) };
  }
  return last.face;
}

function hasTime(event: LooseEvent | undefined): event is LooseEvent & { readonly time: number } {
  const time = event?.time;
  return typeof time === 'number' && Number.isSafeInteger(time) && time > 0 && time < 1e13;
}

function writeIds(writer: ProtoWriter, { trace }: LooseEvent): void {
  if (!writeId(writer, traceTag, trace?.uid, 32)) return;
  writeId(writer, spanTag, trace?.span?.uid, 16);
}

/** False unless it is an id of that many digits. */
const writeId = (writer: ProtoWriter, tag: number, id: unknown, digits: number): boolean =>
  typeof id === 'string' && id.length === digits && writer.hex(tag, id);
