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

/** Holds the facts, and says them as the SDK asks only when it does: our own exporter does not. */
export class RecordedSpan implements ReadableSpan {
  readonly facts: SpanFacts;
  readonly resource: Resource;
  readonly parentSpanContext?: SpanContext;
  readonly links = noLinks;
  readonly events = noEvents;
  readonly ended = true;
  readonly instrumentationScope = instrumentationScope;
  readonly droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount = 0;

  constructor(facts: SpanFacts, resource: Resource) {
    this.facts = facts;
    this.resource = resource;
    const { traceId, parentSpanId, isParentRemote } = facts;
    if (parentSpanId === undefined) return;
    const traceFlags = TraceFlags.SAMPLED;
    this.parentSpanContext = {
      traceId,
      spanId: parentSpanId,
      traceFlags,
      isRemote: isParentRemote,
    };
  }

  get name(): string {
    return this.facts.name;
  }

  get kind(): SpanKind {
    return this.facts.kind;
  }

  get attributes(): Attributes {
    return this.facts.attributes;
  }

  get startTime(): HrTime {
    return toHrTime(this.facts.startMs);
  }

  get endTime(): HrTime {
    return toHrTime(this.facts.endMs);
  }

  get duration(): HrTime {
    return toHrTime(this.facts.endMs - this.facts.startMs);
  }

  get status(): SpanStatus {
    return this.facts.isError ? failed : unset;
  }

  /** Kept by the tail decision: the processor takes no others. */
  spanContext(): SpanContext {
    const { traceId, spanId } = this.facts;
    return { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
  }
}

/** Seconds and nanoseconds. */
export function toHrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.min(999_999_999, Math.round((ms - seconds * 1_000) * 1_000_000))];
}
