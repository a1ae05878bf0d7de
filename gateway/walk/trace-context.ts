/**
 * W3C Trace Context: accepts a caller's `traceparent` only if it is well-formed, and otherwise
 * starts a trace. https://www.w3.org/TR/trace-context/
 */
import type { TraceContext } from '../request.ts';

const wellFormed = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/**
 * Head sampling by trace id, as in OpenTelemetry: all services with the same ratio decide alike.
 */
export function sampleByRatio(ratio: number): (traceId: string) => boolean {
  // The last 56 bits are random; a double holds 52 of them exactly.
  const threshold = Math.ceil((1 - ratio) * 2 ** 52);
  if (!(threshold < 2 ** 52)) return () => false;
  // Texts of equal length compare like their numbers.
  const least = threshold.toString(16).padStart(13, '0');
  return (traceId) => traceId.slice(18, 31) >= least;
}

/**
 * @param randomHex returns this many random bytes as lower-case hex
 * @param isSampled the head decision for a trace that starts here
 */
export function toTraceContext(
  traceparent: string | undefined,
  randomHex: (bytes: number) => string,
  isSampled: (traceId: string) => boolean = () => true,
): TraceContext {
  const [, traceId, parentSpanId, flags] =
    (traceparent === undefined ? undefined : wellFormed.exec(traceparent)) ?? [];
  const spanId = randomHex(8);
  if (
    traceId === undefined ||
    /^0+$/.test(traceId) ||
    parentSpanId === undefined ||
    /^0+$/.test(parentSpanId)
  ) {
    const own = randomHex(16);
    return { traceId: own, spanId, parentSpanId: undefined, sampled: isSampled(own) };
  }
  return { traceId, spanId, parentSpanId, sampled: (Number.parseInt(flags ?? '0', 16) & 1) === 1 };
}
