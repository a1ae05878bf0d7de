/** Sends spans by the SDK's OTLP exporter, with its retries and deadlines, encoded by our own hand. */
import { OTLPExporterBase } from '@opentelemetry/otlp-exporter-base';
import {
  convertLegacyHttpOptions,
  createOtlpHttpExportDelegate,
} from '@opentelemetry/otlp-exporter-base/node-http';
import type { Resource } from '@opentelemetry/resources';
import type { AttributeValue } from '../forward/write-attribute.ts';
import { instrumentationScope, type RecordedSpan } from './recorded-span.ts';
import { createSpanEncoder } from './span-request.ts';

/** @param sending `url` of the traces' endpoint, `headers`, how to connect, `timeoutMillis` in all */
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
        // A copy: it is sent while the next batch is encoded.
        serializeRequest: (spans: RecordedSpan[]) =>
          Uint8Array.from(encode(spans.map(({ facts }) => facts))),
        // What the collector says of a part that it did not take changes nothing for us.
        deserializeResponse: () => ({}),
      },
      'otlp_http_span_exporter',
      { name: 'span', countItems: (spans) => spans.length },
      undefined,
    ),
  );
}
