/**
 * Step `observe` of the walk for traces and metrics: all is made from the closed record, in one
 * place, after the answer has been sent.
 *
 * Fails open: a fault is counted and costs the request only its telemetry. The audit trail does not
 * depend on this.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, type MetricData, type MetricProducer } from '@opentelemetry/sdk-metrics';
import { randomHex } from '../../random-hex.ts';
import type { RequestRecord } from '../../request.ts';
import type { TurnedAway } from '../../turned-away.ts';
import { watchEventLoopDelay } from './event-loop-delay.ts';
import { type GaugeReading, toGauges } from './gauge-readings.ts';
import { createKeepTrace } from './keep-trace.ts';
import type { SdkOptions } from './open-sdk.ts';
import { type PlainReading, toPlainReadings } from './plain-readings.ts';
import { toPrometheusText } from './prometheus-text.ts';
import { instrumentationScope, toHrTime } from './recorded-span.ts';
import { createRequestMetrics } from './request-metrics.ts';
import { type SpanTreeOptions, toSpans } from './span-tree.ts';
import type { Surroundings } from './surroundings.ts';
import type { TraceQueue } from './trace-queue.ts';
import { createUserHash } from './user-hash.ts';

export interface TelemetryOptions extends Surroundings {
  /** Base URL of the collector; if empty, nothing is sent, but metrics can still be read. */
  readonly otlp: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly slowMs: number;
  readonly metricsIntervalMs: number;
  readonly serviceName: string;
  readonly serviceVersion: string;
  /** If undefined a random key is used, and hashes can be compared only within this process. */
  readonly hashKey: string | undefined;
  /** Called at each collection; if it throws, that is counted. */
  readonly gauges: () => readonly GaugeReading[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Telemetry {
  /** Takes a closed record; never throws, never waits. */
  observe(record: RequestRecord): void;
  /** Counts a request of a flood, which has no record and no trace; never throws. */
  count(turnedAway: TurnedAway): void;
  /** The metrics in Prometheus' text format, version 0.0.4. */
  metricsText(): Promise<string>;
  /** The same as numbers, with their dotted names. */
  readings(): PlainReading[];
  /** Sends what is waiting, for at most two seconds. */
  close(): Promise<void>;
}

/** Traces per second that are kept for their outcome alone. */
const remarkablePerSecondMax = 1_000;
const closeMs = 2_000;

export async function createTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const resource = toResource(options);
  const metrics = createRequestMetrics(options);
  const loop = watchEventLoopDelay(options.now);
  const faults = { count: 0 };
  let sending: Sending | undefined;
  const readings = (): GaugeReading[] => [
    ...guarded(options.gauges, faults),
    ...loop.readings(),
    ...(sending?.queue?.readings() ?? []),
    faultReading(faults.count),
  ];
  const startTime = toHrTime(options.now());
  const collectAll = (): MetricData[] => {
    const times = { startTime, endTime: toHrTime(options.now()) };
    return [...metrics.collect(times), ...toGauges(readings(), times)];
  };
  const producer: MetricProducer = {
    async collect() {
      const found = collectAll();
      const scopeMetrics = [{ scope: instrumentationScope, metrics: found }];
      return { resourceMetrics: { resource, scopeMetrics }, errors: [] };
    },
  };
  const prometheus = new PrometheusExporter({
    preventServerStart: true,
    metricProducers: [producer],
  });
  sending = await openSending(options, { resource, producer, readers: [prometheus] });
  const { queue, shutdown } = sending;
  const tree: SpanTreeOptions = {
    ...options,
    toUserHash: createUserHash(options.hashKey ?? randomBytes(32)),
    newSpanId: () => randomHex(8),
  };
  const keep = createKeepTrace({ ...options, perSecondMax: remarkablePerSecondMax });
  return {
    observe(record) {
      try {
        metrics.count(record);
        if (queue !== undefined) trace(record, queue, keep(record), tree);
      } catch {
        faults.count += 1;
      }
    },
    count(turnedAway) {
      try {
        metrics.countTurnedAway(turnedAway);
        queue?.drop('flood', 1);
      } catch {
        faults.count += 1;
      }
    },
    async metricsText() {
      const { resourceMetrics } = await prometheus.collect();
      return toPrometheusText(resourceMetrics);
    },
    readings: () => toPlainReadings(collectAll()),
    async close() {
      loop.close();
      await withinMs(closeMs, shutdown(), faults);
    },
  };
}

const toResource = ({ serviceName, serviceVersion }: TelemetryOptions): Resource =>
  resourceFromAttributes({
    'service.name': serviceName,
    'service.version': serviceVersion,
    'service.instance.id': randomUUID(),
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.name': 'opentelemetry',
  });

interface Sending {
  /** Undefined if no collector is configured: no spans are made then. */
  readonly queue: TraceQueue | undefined;
  shutdown(): Promise<void>;
}

async function openSending(
  options: TelemetryOptions,
  means: Pick<SdkOptions, 'resource' | 'producer' | 'readers'>,
): Promise<Sending> {
  if (options.otlp === '') {
    const { resource, readers } = means;
    const provider = new MeterProvider({ resource, readers: [...readers] });
    return { queue: undefined, shutdown: () => provider.shutdown() };
  }
  const { openSdk } = await import('./open-sdk.ts');
  return openSdk({ ...options, ...means });
}

function trace(
  record: RequestRecord,
  queue: TraceQueue,
  decision: ReturnType<ReturnType<typeof createKeepTrace>>,
  tree: SpanTreeOptions,
): void {
  if (decision === 'leave') return;
  const spans = record.upstreamCalls.length + (record.policy === undefined ? 1 : 2);
  if (decision === 'flood') queue.drop('flood', spans);
  else if (queue.hasRoom(spans)) queue.put(toSpans(record, tree));
}

function guarded(
  gauges: () => readonly GaugeReading[],
  faults: { count: number },
): readonly GaugeReading[] {
  try {
    return gauges();
  } catch {
    faults.count += 1;
    return [];
  }
}

const faultReading = (value: number): GaugeReading => ({
  name: 'gateway.telemetry.faults',
  description: 'Telemetry that was lost to a fault of the gateway.',
  unit: '{fault}',
  value,
  isTotal: true,
});

/** A hanging collector must not keep the process alive: what it did not take by then is lost. */
async function withinMs(ms: number, work: Promise<void>, faults: { count: number }): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const ended = work.catch(() => {
    faults.count += 1;
  });
  await Promise.race([ended, promise]);
  clearTimeout(timer);
}
