/**
 * Metrics that are read at collection rather than counted: circuits, caches, load, the audit's
 * state. Their owners pass a callback; telemetry knows none of them.
 */
import type { Attributes } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { type Collected, toDescriptor } from './instruments.ts';

export interface GaugeReading {
  /** Dotted, such as `gateway.circuit.state`; readings of one name differ in their attributes. */
  readonly name: string;
  readonly description: string;
  /** UCUM: `s`, `By`, `1`, `{request}`. */
  readonly unit: string;
  readonly value: number;
  /** Only values from closed lists and the configuration. */
  readonly attributes?: Attributes;
  /** Whether it is a total that only grows. */
  readonly isTotal?: boolean;
}

/** Readings that one name may have; further ones are dropped. */
const readingsMax = 500;

export function toGauges(readings: readonly GaugeReading[], times: Collected): MetricData[] {
  const byName = new Map<string, GaugeReading[]>();
  for (const reading of readings) {
    if (!Number.isFinite(reading.value)) continue;
    const same = byName.get(reading.name) ?? [];
    if (same.length < readingsMax) same.push(reading);
    byName.set(reading.name, same);
  }
  return [...byName.values()].flatMap((same) => {
    const [first] = same;
    return first === undefined ? [] : [toMetric(first, same, times)];
  });
}

function toMetric(
  first: GaugeReading,
  same: readonly GaugeReading[],
  times: Collected,
): MetricData {
  const common = {
    descriptor: toDescriptor(first, 'double'),
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: same.map(({ attributes = {}, value }) => ({ ...times, attributes, value })),
  };
  return first.isTotal === true
    ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: true }
    : { ...common, dataPointType: DataPointType.GAUGE };
}
