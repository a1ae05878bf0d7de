/**
 * Starts the OpenTelemetry SDK: resource, exporters, processor, meter provider and shutdown. All
 * options are explicit, so that the environment decides nothing; main.ts removes the OTEL_*
 * variables besides, since the SDK reads some of them regardless.
 *
 * Loaded only if a collector is configured: the package brings gRPC and more, which costs a second
 * at start and 60 MB of memory.
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
  /** Base URL, without a trailing slash. */
  readonly otlp: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly metricsIntervalMs: number;
  readonly resource: Resource;
  readonly producer: MetricProducer;
  /** Readers besides the one that exports. */
  readonly readers: readonly IMetricReader[];
}

export interface Sdk {
  readonly queue: TraceQueue;
  shutdown(): Promise<void>;
}

/** For one attempt and its retries together. */
const exportTimeoutMs = 5_000;

export function openSdk(options: SdkOptions): Sdk {
  const { otlp, headers, resource } = options;
  const sending = {
    headers: { ...headers },
    timeoutMillis: exportTimeoutMs,
    // With NODE_TLS_REJECT_UNAUTHORIZED=0 any impostor would get the headers, a token among them;
    // so would one that resumes a session, in which no certificate is verified.
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
    // No code here uses a context; the default manager would follow every asynchronous step.
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
