/**
 * The one structured line that a request leaves in the log today, made from its closed record.
 * Holds no address, caller, variable, literal, operation name or token: these belong to the audit
 * stream, not to a log.
 */
import type { Caller, RequestRecord, UpstreamCall } from '../request.ts';
import { quote, quoteName, quoteNames, toNumber } from './json-text.ts';

/** Coordinates listed in a line; a count tells of the rest. */
const coordinatesMax = 50;

/** Written by hand: what JSON.stringify would write of it, at half of the cost. */
export function toLogLine(record: RequestRecord): string {
  return (
    `{"time":"${toIso(record.startedAtMs)}","kind":"request","id":"${record.id}",` +
    `"traceId":"${record.trace.traceId}","stage":"${record.stage}",` +
    `"status":${record.status},"durationMs":${toMicroseconds(record.durationMs)},` +
    `"responseBytes":${toNumber(record.responseBytes)}${record.aborted ? ',"aborted":true' : ''}` +
    `${toRefusal(record)}${toOperation(record)}${toFields(record)}${toCaller(record.caller)}` +
    `${record.country === undefined ? '' : `,"country":${quote(record.country)}`}` +
    `${record.cost === undefined ? '' : `,"cost":${toNumber(record.cost)}`}` +
    `${toCharges(record)}${record.localRates ? ',"localRates":true' : ''}` +
    `${record.engine === undefined ? '' : `,"engine":${quoteName(record.engine)}`}` +
    `${record.engineReason === undefined ? '' : `,"engineReason":${quoteName(record.engineReason)}`}` +
    `,"upstreamCalls":[${toCalls(record.upstreamCalls)}],` +
    `"upstreamCallCount":${record.upstreamCallCount}${toTrouble(record)}}`
  );
}

function toRefusal({ refusal }: RequestRecord): string {
  if (refusal === undefined) return '';
  const coordinates = JSON.stringify(head(refusal.coordinates));
  return `,"reason":${quoteName(refusal.reason)},"coordinates":${coordinates}`;
}

const toOperation = ({ operation }: RequestRecord): string =>
  operation === undefined ? '' : `,"operation":"${operation.type}","document":"${operation.hash}"`;

/** The lists are those of a plan: their texts are kept with them. */
function toFields({ verdicts }: RequestRecord): string {
  if (verdicts === undefined) return '';
  const { allowed, denied, masked } = verdicts;
  return (
    `,"allowed":${allowed},"denied":${quoteNames(head(denied))},` +
    `"deniedCount":${denied.length},"masked":${quoteNames(head(masked))}`
  );
}

/** How many scopes and roles the issuer's ceiling took away. */
const toCaller = (caller: Caller | undefined): string =>
  caller?.dropped === undefined
    ? ''
    : `,"dropped":${caller.dropped.scopes.length + caller.dropped.roles.length}`;

function toCharges({ charges }: RequestRecord): string {
  if (charges.length === 0) return '';
  let text = '';
  for (const { rate, amount, remaining, near } of charges) {
    const left = `"amount":${toNumber(amount)},"remaining":${toNumber(remaining)},"near":${near}`;
    text += `${text === '' ? '' : ','}{"rate":${quoteName(rate)},${left}}`;
  }
  return `,"charges":[${text}]`;
}

function toCalls(calls: readonly UpstreamCall[]): string {
  let text = '';
  for (const call of calls) text += text === '' ? toCall(call) : `,${toCall(call)}`;
  return text;
}

function toCall(call: UpstreamCall): string {
  const { startedAtMs, spanId, attempt, failure } = call;
  return (
    `{"upstream":${quoteName(call.upstream)},"operation":${quoteName(call.operation)},` +
    `"status":${call.status},"durationMs":${toMicroseconds(call.durationMs)}` +
    `${startedAtMs === undefined ? '' : `,"startedAtMs":${toNumber(startedAtMs)}`}` +
    `${spanId === undefined ? '' : `,"spanId":"${spanId}"`}` +
    `,"responseBytes":${toNumber(call.responseBytes)}` +
    `${attempt === undefined ? '' : `,"attempt":${attempt}`}` +
    `${failure === undefined ? '' : `,"failure":${quote(failure)}`}}`
  );
}

function toTrouble({ failures, faults }: RequestRecord): string {
  const failed = failures === undefined ? '' : `,"failures":${JSON.stringify(failures)}`;
  return faults.length === 0 ? failed : `${failed},"faults":${JSON.stringify(faults)}`;
}

/** Milliseconds, to the microsecond. */
const toMicroseconds = (ms: number): string => toNumber(Math.round(ms * 1_000) / 1_000);

let isoOf = Number.NaN;
let iso = '';

/** Requests of one millisecond share the text. */
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

const head = (list: readonly string[]): readonly string[] =>
  list.length > coordinatesMax ? list.slice(0, coordinatesMax) : list;
