/** Step `receive` of the walk: opens the record of one request, with an id and a span of our own. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { RequestRecord } from './request.ts';
import { toTraceContext } from './trace-context.ts';

/** @param nowMs milliseconds since the epoch */
export function receive(
  inbound: { method: string; peer: string; headers: Readonly<Record<string, string>> },
  nowMs: number,
  isSampled?: (traceId: string) => boolean,
): RequestRecord {
  return {
    id: randomUUID(),
    startedAtMs: nowMs,
    trace: toTraceContext(
      inbound.headers.traceparent,
      (bytes) => randomBytes(bytes).toString('hex'),
      isSampled,
    ),
    peer: inbound.peer,
    stage: 'receive',
    clientAddress: undefined,
    country: undefined,
    networks: [],
    method: inbound.method,
    caller: undefined,
    operation: undefined,
    verdicts: undefined,
    cost: undefined,
    charges: [],
    localRates: false,
    engine: undefined,
    upstreamCalls: [],
    upstreamCallCount: 0,
    refusal: undefined,
    faults: [],
    status: 0,
    responseBytes: 0,
    aborted: false,
    durationMs: 0,
  };
}
