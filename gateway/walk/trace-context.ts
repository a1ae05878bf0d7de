/**
 * W3C Trace Context: takes a caller's `traceparent` only if it is well-formed, and makes ids of
 * our own. https://www.w3.org/TR/trace-context/
 */
import type { TraceContext } from '../request.ts';

const wellFormed = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/**
 * The head decision of a share of all traces, as OpenTelemetry samples by trace id: equal for all
 * who sample by the same ratio.
 */
export function sampleByRatio(ratio: number): (traceId: string) => boolean {
  // The last 56 bits are random; 52 of them are exact in a double.
  const threshold = Math.ceil((1 - ratio) * 2 ** 52);
  if (!(threshold < 2 ** 52)) return () => false;
  // Of the same length: in the order of their numbers.
  const least = threshold.toString(16).padStart(13, '0');
  return (traceId) => traceId.slice(18, 31) >= least;
}

/**
 * @param randomHex lower-case hex text of so many bytes
 * @param isSampled the head decision for a trace that begins here
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
