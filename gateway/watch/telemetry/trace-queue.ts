/**
 * Spans on their way to the collector: the SDK's batch processor behind a bound of our own, that
 * counts what it drops. A trace goes in whole or not at all.
 *
 * Never throws and never waits: with the collector down it fills up, and from then on a request
 * costs one comparison. Traces may be lost; the audit trail is another thing.
 */
import type { Resource } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import type { GaugeReading } from './gauge-readings.ts';
import { RecordedSpan, type SpanFacts } from './recorded-span.ts';

export interface TraceQueue {
  /** For the SDK, which shuts it down. */
  readonly processor: SpanProcessor;
  /** Whether so many spans would be taken; counts them as dropped where not. */
  hasRoom(spans: number): boolean;
  put(spans: readonly SpanFacts[]): void;
  /** Counts spans that were not even offered. */
  drop(reason: 'flood', spans: number): void;
  readings(): GaugeReading[];
}

/** Spans that wait or are being sent. */
const spansMax = 2_048;
/** Serialised in one go: the event loop is held for a millisecond, and a request carries many. */
const batchMax = 384;
const delayMs = 1_000;
const exportTimeoutMs = 10_000;

/** Takes what this queue holds, and nothing else. */
export type RecordedSpanExporter = Pick<SpanExporter, 'shutdown'> & {
  export(spans: RecordedSpan[], done: Parameters<SpanExporter['export']>[1]): void;
};

export function createTraceQueue(exporter: RecordedSpanExporter, resource: Resource): TraceQueue {
  const spans = { exported: 0, failed: 0, full: 0, flood: 0 };
  let pending = 0;
  const counting: SpanExporter = {
    export(batch: ReadableSpan[], done) {
      exporter.export(batch as RecordedSpan[], (result) => {
        pending -= batch.length;
        // 0 is the SDK's word for success; its enumeration lives in a package that is not ours.
        if (result.code === 0) spans.exported += batch.length;
        else spans.failed += batch.length;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
  const processor = new BatchSpanProcessor({
    exporter: counting,
    maxQueueSize: spansMax,
    maxExportBatchSize: batchMax,
    scheduledDelayMillis: delayMs,
    exportTimeoutMillis: exportTimeoutMs,
  });
  return {
    processor,
    hasRoom(count) {
      if (pending + count <= spansMax) return true;
      spans.full += count;
      return false;
    },
    put(facts) {
      pending += facts.length;
      for (const one of facts) processor.onEnd(new RecordedSpan(one, resource));
    },
    drop(reason, count) {
      spans[reason] += count;
    },
    readings: () => [
      total('exported', spans.exported),
      total('export-failed', spans.failed),
      total('queue-full', spans.full),
      total('flood', spans.flood),
      {
        name: 'gateway.telemetry.queue',
        description: 'Spans that wait for the collector.',
        unit: '{span}',
        value: pending,
      },
    ],
  };
}

const total = (outcome: string, value: number): GaugeReading => ({
  name: 'gateway.telemetry.spans',
  description: 'Spans by what became of them.',
  unit: '{span}',
  value,
  attributes: { outcome },
  isTotal: true,
});
