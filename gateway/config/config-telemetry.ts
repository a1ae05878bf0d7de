/**
 * The part of gateway.yaml about traces and metrics. The standard OTEL_* environment variables are
 * ignored (see main.ts), so that none can silently redirect telemetry, add headers or turn it off.
 */
import { z } from 'zod';
import { complain } from '../files/yaml-complaint.ts';

const baseUrl = z
  .string()
  .superRefine((text, context) => {
    if (text === '' || isBaseUrl(text)) return;
    const message =
      'must be the base URL of an OTLP/HTTP collector, http or https, such as ' +
      'http://127.0.0.1:4318: without credentials (use `headers`), query or fragment';
    complain(context, { code: 'unsafe-url', message });
  })
  .describe('the base URL of an OTLP/HTTP collector; empty: nothing is sent');

function isBaseUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || /[\s?#]/.test(text) || /\/v1\/(?:traces|metrics|logs)\/*$/.test(text)) {
    return false;
  }
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
  return isWeb && url.username === '' && url.password === '';
}

/** Written by the exporter or by HTTP itself. */
const ownedHeaders =
  /^(?:host|connection|content-(?:length|type|encoding)|transfer-encoding|te|upgrade|keep-alive|expect)$/i;

const headers = z
  .record(z.string(), z.string().regex(/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/))
  .superRefine((map, context) => {
    for (const name of Object.keys(map)) {
      const path = [name];
      if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) {
        complain(context, { code: 'wrong-name', message: 'is no header name', path, part: 'key' });
      } else if (ownedHeaders.test(name)) {
        const message = 'is written by the exporter itself';
        complain(context, { code: 'forbidden-header', message, path, part: 'key' });
      }
    }
  })
  .describe('headers for the collector, such as an authorization');

export const telemetrySchema = z.strictObject({
  otlp: baseUrl.default(''),
  headers: headers.default({}),
  /** Share of traces kept; those with a refusal, an error or a slow answer are always kept. */
  sampleRatio: z.number().min(0).max(1).default(1),
  /** Traces of answers at least this slow are kept whatever the ratio. */
  slowMs: z.int().min(1).max(3_600_000).default(2_000),
  metricsIntervalMs: z.int().min(1_000).max(3_600_000).default(60_000),
  serviceName: z
    .string()
    .regex(/^[\w.-]{1,100}$/)
    .describe('1 to 100 letters, digits, dots, dashes or underscores')
    .default('fieldgate'),
  /** Keys the hashes that stand for users; if absent, the key is random per process. */
  hashKey: z.string().min(16).max(1_000).describe('text of 16 characters or more').optional(),
});

export interface TelemetryConfig {
  /** Base URL of the collector without trailing slashes; empty: nothing is sent. */
  readonly otlp: string;
  readonly headers: Readonly<Record<string, string>>;
  /** From 0 to 1. */
  readonly sampleRatio: number;
  readonly slowMs: number;
  readonly metricsIntervalMs: number;
  readonly serviceName: string;
  readonly hashKey: string | undefined;
}

/** Normalises the URL. */
export function toTelemetryConfig(written: z.output<typeof telemetrySchema>): TelemetryConfig {
  return { ...written, otlp: written.otlp.replace(/\/+$/, ''), hashKey: written.hashKey };
}
