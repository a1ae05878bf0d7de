/** Metrics as plain numbers, for readers within this process. */
import { DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';

export interface PlainReading {
  /** Dotted, such as `gateway.circuit.state`. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** For a histogram, how many values it counted. */
  readonly value: number;
}

/** One reading for each attribute set of each metric. */
export function toPlainReadings(metrics: readonly MetricData[]): PlainReading[] {
  return metrics.flatMap((metric): PlainReading[] => {
    const { name } = metric.descriptor;
    switch (metric.dataPointType) {
      case DataPointType.SUM:
      case DataPointType.GAUGE:
        return metric.dataPoints.map(({ attributes, value }) => ({ name, attributes, value }));
      case DataPointType.HISTOGRAM:
        return metric.dataPoints.map(({ attributes, value }) => ({
          name,
          attributes,
          value: value.count,
        }));
      default:
        return [];
    }
  });
}
