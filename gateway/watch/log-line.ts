/**
 * The one structured line that a request leaves in the log today, made from its closed record.
 * Holds no address, caller, variable, literal, operation name or token: these belong to the audit
 * stream, not to a log.
 */
import type { Caller, RequestRecord } from '../request.ts';

/** Coordinates listed in a line; a count tells of the rest. */
const coordinatesMax = 50;

export function toLogLine(record: RequestRecord): string {
  const { operation, verdicts, refusal } = record;
  // One literal, and what is undefined is left out: spreads would cost as much as the rest.
  return JSON.stringify({
    time: toIso(record.startedAtMs),
    kind: 'request',
    id: record.id,
    traceId: record.trace.traceId,
    stage: record.stage,
    status: record.status,
    durationMs: Math.round(record.durationMs * 1000) / 1000,
    responseBytes: record.responseBytes,
    aborted: record.aborted || undefined,
    reason: refusal?.reason,
    coordinates: refusal && head(refusal.coordinates),
    operation: operation?.type,
    document: operation?.hash,
    allowed: verdicts?.allowed,
    denied: verdicts && head(verdicts.denied),
    deniedCount: verdicts?.denied.length,
    masked: verdicts && head(verdicts.masked),
    // How many scopes and roles the issuer's ceiling took away.
    dropped: record.caller?.dropped && countOf(record.caller.dropped),
    country: record.country,
    cost: record.cost,
    charges: record.charges.length === 0 ? undefined : record.charges,
    // What rules on trial would have done.
    shadows: record.shadows,
    localRates: record.localRates || undefined,
    engine: record.engine,
    // Why the dearer engine ran it, in a word of a closed list.
    engineReason: record.engineReason,
    upstreamCalls: record.upstreamCalls,
    upstreamCallCount: record.upstreamCallCount,
    failures: record.failures,
    faults: record.faults.length === 0 ? undefined : record.faults,
  });
}

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

const countOf = ({ scopes, roles }: NonNullable<Caller['dropped']>): number =>
  scopes.length + roles.length;
