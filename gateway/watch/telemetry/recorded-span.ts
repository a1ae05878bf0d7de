/**
 * A span made after the fact, with the ids that were sent on the wire, as the SDK's processor and
 * exporter take it. The SDK's own spans choose their ids and must exist while the work runs.
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
  /** Whether the caller made the parent span. */
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

/**
 * Converts the facts to the SDK's form only when asked: our own exporter reads them as they are.
 */
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

  /** Always sampled: the processor gets only spans that the tail decision kept. */
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
