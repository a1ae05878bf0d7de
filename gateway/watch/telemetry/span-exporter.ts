/** Sends spans by the SDK's OTLP exporter, with its retries and deadlines but our own encoder. */
import { OTLPExporterBase } from '@opentelemetry/otlp-exporter-base';
import {
  convertLegacyHttpOptions,
  createOtlpHttpExportDelegate,
} from '@opentelemetry/otlp-exporter-base/node-http';
import type { Resource } from '@opentelemetry/resources';
import type { AttributeValue } from '../forward/write-attribute.ts';
import { instrumentationScope, type RecordedSpan } from './recorded-span.ts';
import { createSpanEncoder } from './span-request.ts';

/** @param sending the endpoint's `url`, `headers`, how to connect, `timeoutMillis` in all */
export function createSpanExporter(
  sending: Parameters<typeof convertLegacyHttpOptions>[0],
  resource: Resource,
): OTLPExporterBase<RecordedSpan[]> {
  const encode = createSpanEncoder(
    resource.attributes as Record<string, AttributeValue>,
    instrumentationScope.name,
  );
  const type = { 'Content-Type': 'application/x-protobuf' };
  return new OTLPExporterBase(
    createOtlpHttpExportDelegate(
      convertLegacyHttpOptions(sending, 'TRACES', 'v1/traces', type),
      {
        // A copy, since the buffer is used again for the next batch while this one is being sent.
        serializeRequest: (spans: RecordedSpan[]) =>
          Uint8Array.from(encode(spans.map(({ facts }) => facts))),
        // A partial success changes nothing: spans that the collector rejected are not sent again.
        deserializeResponse: () => ({}),
      },
      'otlp_http_span_exporter',
      { name: 'span', countItems: (spans) => spans.length },
      undefined,
    ),
  );
}
