/**
 * The OpenTelemetry SDK: resource, exporters, processor, meter provider and shutdown. Everything
 * is given explicitly, so that it asks the environment for nothing (main.ts takes the OTEL_*
 * variables away besides, since some are read whatever is given).
 *
 * Loaded only where a collector is configured: the package brings gRPC and more, a second of
 * start and 60 MB of memory.
 */
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import type { Resource } from '@opentelemetry/resources';
import {
  type IMetricReader,
  type MetricProducer,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { AlwaysOnSampler, StackContextManager } from '@opentelemetry/sdk-trace';
import { createSpanExporter } from './span-exporter.ts';
import { createTraceQueue, type TraceQueue } from './trace-queue.ts';

export interface SdkOptions {
  /** Base URL, without a slash at its end. */
  readonly otlp: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly metricsIntervalMs: number;
  readonly resource: Resource;
  readonly producer: MetricProducer;
  /** Readers beside the one that sends. */
  readonly readers: readonly IMetricReader[];
}

export interface Sdk {
  readonly queue: TraceQueue;
  shutdown(): Promise<void>;
}

/** One attempt and its retries together. */
const exportTimeoutMs = 5_000;

export function openSdk(options: SdkOptions): Sdk {
  const { otlp, headers, resource } = options;
  const sending = {
    headers: { ...headers },
    timeoutMillis: exportTimeoutMs,
    // NODE_TLS_REJECT_UNAUTHORIZED=0 would give the headers, a token among them, to anybody; so would a
    // session that is taken up again, in which no certificate is shown.
    httpAgentOptions: { keepAlive: true, rejectUnauthorized: true, maxCachedSessions: 0 },
  };
  const queue = createTraceQueue(
    createSpanExporter({ ...sending, url: `${otlp}/v1/traces` }, resource),
    resource,
  );
  const reader = new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({ ...sending, url: `${otlp}/v1/metrics` }),
    exportIntervalMillis: options.metricsIntervalMs,
    exportTimeoutMillis: Math.min(exportTimeoutMs, options.metricsIntervalMs),
    metricProducers: [options.producer],
  });
  const sdk = new NodeSDK({
    resource,
    autoDetectResources: false,
    // Nothing here runs in a context; the default would follow every asynchronous step.
    contextManager: new StackContextManager(),
    textMapPropagator: null,
    sampler: new AlwaysOnSampler(),
    spanProcessors: [queue.processor],
    metricReaders: [reader, ...options.readers],
    logRecordProcessors: [],
    instrumentations: [],
  });
  sdk.start();
  return { queue, shutdown: () => sdk.shutdown() };
}
