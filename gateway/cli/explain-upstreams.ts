/**
 * What the upstreams would be sent: the authorised operation on the real engine, over transports
 * that record and make answers up.
 */
import type { AuthorizedOperation } from '../plan.ts';
import type { Caller, RequestRecord } from '../request.ts';
import type { RecordedRequest } from './explain-recorder.ts';
import type { Offline } from './load-offline.ts';

export async function recordUpstreams(
  { snapshot, recorder }: Offline,
  operation: AuthorizedOperation,
  about: { raw: Readonly<Record<string, unknown>>; caller: Caller },
): Promise<{ upstreams: readonly RecordedRequest[]; failures: readonly string[] }> {
  const result = await snapshot.engine.execute(operation, about.raw, {
    record: toRecord(about.caller, operation.masked),
    signal: new AbortController().signal,
    deadlineMs: Number.MAX_SAFE_INTEGER,
    inboundHeaders: {},
  });
  const failures = new Set(result.errors.map(({ why }) => why));
  return { upstreams: recorder.requests, failures: [...failures] };
}

/** The record of a request that never arrived: the second lock reads caller and masks from it. */
function toRecord(caller: Caller, masked: readonly string[]): RequestRecord {
  return {
    id: 'explain',
    startedAtMs: 0,
    trace: {
      traceId: '0'.repeat(32),
      spanId: '0'.repeat(16),
      parentSpanId: undefined,
      sampled: false,
    },
    peer: '',
    stage: 'delegate',
    clientAddress: undefined,
    country: undefined,
    networks: [],
    method: 'POST',
    caller,
    operation: undefined,
    verdicts: { allowed: 0, denied: [], masked },
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
