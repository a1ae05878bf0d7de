/**
 * Spans waiting for the collector: the SDK's batch processor behind our own bound, which counts
 * what it drops. A trace is taken whole or not at all.
 *
 * Fails open, never throws and never waits: while the collector is down the queue fills, and then a
 * request costs one comparison. Traces may be lost; the audit trail does not depend on this.
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
  /** Whether that many spans fit; if not, they are counted as dropped. */
  hasRoom(spans: number): boolean;
  put(spans: readonly SpanFacts[]): void;
  /** Counts spans that were not offered at all. */
  drop(reason: 'flood', spans: number): void;
  readings(): GaugeReading[];
}

/** Spans waiting or being sent. */
const spansMax = 2_048;
/** Encoded in one go, which blocks the event loop for about a millisecond. */
const batchMax = 384;
const delayMs = 1_000;
const exportTimeoutMs = 10_000;

/** An exporter that gets only spans of this queue. */
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
        // 0 is the SDK's success; its enumeration is in a package that we do not depend on.
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
