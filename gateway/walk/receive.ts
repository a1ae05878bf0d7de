/**
 * Step `receive` of the walk: opens the record of one request, with an id and a span of our own.
 */
import { randomUUID } from 'node:crypto';
import { rawHeader } from '../admit/raw-header.ts';
import { randomHex } from '../random-hex.ts';
import { openRecord, type RequestRecord } from '../request.ts';
import { toTraceContext } from './trace-context.ts';

/** @param nowMs milliseconds since the epoch */
export function receive(
  inbound: { method: string; peer: string; rawHeaders: readonly string[] },
  nowMs: number,
  isSampled?: (traceId: string) => boolean,
): RequestRecord {
  return openRecord({
    id: randomUUID(),
    startedAtMs: nowMs,
    trace: toTraceContext(rawHeader(inbound.rawHeaders, 'traceparent'), randomHex, isSampled),
    peer: inbound.peer,
    method: inbound.method,
  });
}
