/**
 * A span that is over before it is made, with the ids that were on the wire: what the SDK's
 * processor and exporter take. The SDK's own spans choose their ids, and live while they run.
 */
import {
  type Attributes,
  type HrTime,
  type Link,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  SpanStatusCode,
  TraceFlags,
} from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan, TimedEvent } from '@opentelemetry/sdk-trace';

export interface SpanFacts {
  readonly name: string;
  readonly kind: SpanKind;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  /** The parent is the caller's. */
  readonly isParentRemote: boolean;
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  readonly endMs: number;
  readonly isError: boolean;
  readonly attributes: Attributes;
}

export const instrumentationScope = { name: 'fieldgate' } as const;

const unset: SpanStatus = { code: SpanStatusCode.UNSET };
const failed: SpanStatus = { code: SpanStatusCode.ERROR };
const noLinks: Link[] = [];
const noEvents: TimedEvent[] = [];

export class RecordedSpan implements ReadableSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly parentSpanContext?: SpanContext;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly duration: HrTime;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly resource: Resource;
  readonly links = noLinks;
  readonly events = noEvents;
  readonly ended = true;
  readonly instrumentationScope = instrumentationScope;
  readonly droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount = 0;
  readonly #context: SpanContext;

  constructor(facts: SpanFacts, resource: Resource) {
    const { traceId, parentSpanId } = facts;
    this.name = facts.name;
    this.kind = facts.kind;
    // Kept by the tail decision: the processor takes no others.
    this.#context = { traceId, spanId: facts.spanId, traceFlags: TraceFlags.SAMPLED };
    if (parentSpanId !== undefined) {
      this.parentSpanContext = {
        traceId,
        spanId: parentSpanId,
        traceFlags: TraceFlags.SAMPLED,
        isRemote: facts.isParentRemote,
      };
    }
    this.startTime = toHrTime(facts.startMs);
    this.endTime = toHrTime(facts.endMs);
    this.duration = toHrTime(facts.endMs - facts.startMs);
    this.status = facts.isError ? failed : unset;
    this.attributes = facts.attributes;
    this.resource = resource;
  }

  spanContext(): SpanContext {
    return this.#context;
  }
}

/** Seconds and nanoseconds. */
export function toHrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.min(999_999_999, Math.round((ms - seconds * 1_000) * 1_000_000))];
}
