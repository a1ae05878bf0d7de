/**
 * Metrics in the text format of Prometheus, named as its conventions and the OpenTelemetry
 * specification want: a duration ends in `_seconds`, a size in `_bytes`. The serializer leaves units
 * in comments that this format does not know.
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
