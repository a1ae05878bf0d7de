/** Step `receive` of the walk: opens the record of one request, with an id and a span of our own. */
import { randomBytes, randomUUID } from 'node:crypto';
import { openRecord, type RequestRecord } from './request.ts';
import { toTraceContext } from './trace-context.ts';

/** @param nowMs milliseconds since the epoch */
export function receive(
  inbound: { method: string; peer: string; headers: Readonly<Record<string, string>> },
  nowMs: number,
): RequestRecord {
  return openRecord({
    id: randomUUID(),
    startedAtMs: nowMs,
    trace: toTraceContext(inbound.headers.traceparent, (bytes) =>
      randomBytes(bytes).toString('hex'),
    ),
    peer: inbound.peer,
    method: inbound.method,
  });
}
