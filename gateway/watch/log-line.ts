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
  return JSON.stringify({
    time: new Date(record.startedAtMs).toISOString(),
    kind: 'request',
    id: record.id,
    traceId: record.trace.traceId,
    stage: record.stage,
    status: record.status,
    durationMs: Math.round(record.durationMs * 1000) / 1000,
    responseBytes: record.responseBytes,
    ...(record.aborted ? { aborted: true } : {}),
    ...(refusal === undefined
      ? {}
      : { reason: refusal.reason, coordinates: head(refusal.coordinates) }),
    ...(operation === undefined ? {} : { operation: operation.type, document: operation.hash }),
    ...(verdicts === undefined
      ? {}
      : {
          allowed: verdicts.allowed,
          denied: head(verdicts.denied),
          deniedCount: verdicts.denied.length,
          masked: head(verdicts.masked),
        }),
    // How many scopes and roles the issuer's ceiling took away.
    ...(record.caller?.dropped === undefined ? {} : { dropped: countOf(record.caller.dropped) }),
    ...(record.country === undefined ? {} : { country: record.country }),
    ...(record.cost === undefined ? {} : { cost: record.cost }),
    ...(record.charges.length === 0 ? {} : { charges: record.charges }),
    ...(record.localRates ? { localRates: true } : {}),
    ...(record.engine === undefined ? {} : { engine: record.engine }),
    upstreamCalls: record.upstreamCalls,
    upstreamCallCount: record.upstreamCallCount,
    ...(record.faults.length === 0 ? {} : { faults: record.faults }),
  });
}

const head = (list: readonly string[]): readonly string[] => list.slice(0, coordinatesMax);

const countOf = ({ scopes, roles }: NonNullable<Caller['dropped']>): number =>
  scopes.length + roles.length;
