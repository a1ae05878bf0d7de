/**
 * W3C Trace Context: takes a caller's `traceparent` only if it is well-formed, and makes ids of
 * our own. https://www.w3.org/TR/trace-context/
 */
import type { TraceContext } from './request.ts';

const wellFormed = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** @param randomHex lower-case hex text of so many bytes */
export function toTraceContext(
  traceparent: string | undefined,
  randomHex: (bytes: number) => string,
): TraceContext {
  const [, traceId, parentSpanId, flags] = wellFormed.exec(traceparent ?? '') ?? [];
  const spanId = randomHex(8);
  if (
    traceId === undefined ||
    /^0+$/.test(traceId) ||
    parentSpanId === undefined ||
    /^0+$/.test(parentSpanId)
  ) {
    return { traceId: randomHex(16), spanId, parentSpanId: undefined, sampled: true };
  }
  return { traceId, spanId, parentSpanId, sampled: (Number.parseInt(flags ?? '0', 16) & 1) === 1 };
}
