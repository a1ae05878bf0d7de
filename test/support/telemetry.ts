/** A served gateway that sends telemetry to a strict sink, and what a test reads of it. */
import { smallFiles } from './served.ts';

/** The small configuration with a `telemetry` section. */
export function telemetryFiles(upstreamUrl: string, telemetry: string): Record<string, string> {
  const files = smallFiles(upstreamUrl);
  return { ...files, 'gateway.yaml': `${files['gateway.yaml']}telemetry: ${telemetry}\n` };
}

/** As OTLP numbers them. */
export const spanKind = { internal: 1, server: 2, client: 3 } as const;

export const hex = (bytes: unknown): string => Buffer.from(bytes as Uint8Array).toString('hex');

/** A metric's data points, of whatever kind it is. */
export function pointsOf(metric: Record<string, unknown>): Record<string, unknown>[] {
  const kind = (metric.sum ?? metric.gauge ?? metric.histogram) as { dataPoints?: unknown };
  return (kind?.dataPoints ?? []) as Record<string, unknown>[];
}

/** Posts a query; resolves with status and body. */
export async function ask(
  url: string,
  query: string,
  options: { headers?: Record<string, string>; variables?: Record<string, unknown> } = {},
): Promise<{ status: number; body: string }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...options.headers },
    body: JSON.stringify({ query, variables: options.variables }),
  });
  return { status: response.status, body: await response.text() };
}
