/**
 * The one structured line that a request writes to the log, made from its closed record. Holds no
 * address, caller, variable, literal, operation name or token: these belong to the audit trail.
 */
import type { RequestRecord } from '../request.ts';
import { toMicros } from '../time/to-micros.ts';

/** Coordinates listed in a line; `deniedCount` says how many were denied in all. */
const coordinatesMax = 50;

export function toLogLine(record: RequestRecord): string {
  const { operation, verdicts, refusal, charges, country, faults } = record;
  // Written by hand, at half the cost of an object and JSON.stringify. Only hex and values of a
  // closed list go in unquoted.
  let line = `{"time":"${toIso(record.startedAtMs)}","kind":"request","id":${quote(record.id)}`;
  line += `,"traceId":"${record.trace.traceId}","stage":"${record.stage}","status":${record.status}`;
  line += `,"durationMs":${quote(toMicros(record.durationMs))}`;
  line += `,"responseBytes":${quote(record.responseBytes)}`;
  if (record.aborted) line += ',"aborted":true';
  if (refusal !== undefined) {
    line += `,"reason":"${refusal.reason}","coordinates":${toList(refusal.coordinates)}`;
  }
  if (operation !== undefined) {
    line += `,"operation":"${operation.type}","document":"${operation.hash}"`;
  }
  if (verdicts !== undefined) {
    const { allowed, denied, masked } = verdicts;
    line += `,"allowed":${allowed},"denied":${toList(denied)}`;
    line += `,"deniedCount":${denied.length},"masked":${toList(masked)}`;
  }
  // How many scopes and roles the issuer's ceiling removed.
  const dropped = record.caller?.dropped;
  if (dropped !== undefined) line += `,"dropped":${dropped.scopes.length + dropped.roles.length}`;
  if (country !== undefined) line += `,"country":${quote(country)}`;
  if (record.cost !== undefined) line += `,"cost":${quote(record.cost)}`;
  if (charges.length > 0) line += `,"charges":${quote(charges)}`;
  // What rules in shadow mode would have done.
  if (record.shadows !== undefined) line += `,"shadows":${quote(record.shadows)}`;
  if (record.localRates) line += ',"localRates":true';
  if (record.engine !== undefined) line += `,"engine":${quote(record.engine)}`;
  // Why the slower engine ran the request, in a word of a closed list.
  if (record.engineReason !== undefined) line += `,"engineReason":${quote(record.engineReason)}`;
  line += `,"upstreamCalls":${quote(record.upstreamCalls)}`;
  line += `,"upstreamCallCount":${record.upstreamCallCount}`;
  if (record.failures !== undefined) line += `,"failures":${quote(record.failures)}`;
  if (faults.length > 0) line += `,"faults":${quote(faults)}`;
  return `${line}}`;
}

const quote = (value: unknown): string => JSON.stringify(value);

const toList = (list: readonly string[]): string =>
  list.length === 0
    ? '[]'
    : quote(list.length > coordinatesMax ? list.slice(0, coordinatesMax) : list);

let isoOf = Number.NaN;
let iso = '';

/** Requests of the same millisecond share the text. */
function toIso(ms: number): string {
  if (ms === isoOf) return iso;
  // Only the milliseconds differ within a second.
  const isSecond = Math.floor(ms / 1_000) === Math.floor(isoOf / 1_000);
  iso = isSecond
    ? `${iso.slice(0, -4)}${String(Math.floor(ms % 1_000)).padStart(3, '0')}Z`
    : new Date(ms).toISOString();
  isoOf = ms;
  return iso;
}
