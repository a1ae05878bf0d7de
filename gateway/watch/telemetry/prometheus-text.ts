/**
 * Metrics in Prometheus' text format, named as its conventions and the OpenTelemetry specification
 * require: durations end in `_seconds`, sizes in `_bytes`. The serializer writes units as comments
 * that this format does not know; these are removed.
 */
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import type { MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';

const serializer = new PrometheusSerializer('', false, undefined, false, true);

export function toPrometheusText({ resource, scopeMetrics }: ResourceMetrics): string {
  const named = scopeMetrics.map(({ scope, metrics }) => ({
    scope,
    metrics: metrics.map(toNamed),
  }));
  const text = serializer.serialize({ resource, scopeMetrics: named });
  return text.replace(/^# UNIT .*\n/gm, '');
}

const suffixes: Readonly<Record<string, string>> = { s: '.seconds', By: '.bytes' };

function toNamed(metric: MetricData): MetricData {
  const { descriptor } = metric;
  const suffix = suffixes[descriptor.unit];
  if (suffix === undefined || descriptor.name.endsWith(suffix)) return metric;
  return { ...metric, descriptor: { ...descriptor, name: descriptor.name + suffix } };
}
