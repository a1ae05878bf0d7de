/**
 * Encodes spans as an ExportTraceServiceRequest in one pass: the SDK's serializer walks each span's
 * attributes twice and builds strings that are known already. Tests compare it with that
 * serializer.
 * https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
 */
import { createEnvelop } from '../forward/otlp-envelope.ts';
import { ProtoWriter } from '../forward/proto-writer.ts';
import { type AttributeValue, writeAttribute } from '../forward/write-attribute.ts';
import type { SpanFacts } from './recorded-span.ts';

/** Tags: the field number shifted by three, plus the wire type. */
const spanTag = 0x12;
const traceIdTag = 0x0a;
const spanIdTag = 0x12;
const parentIdTag = 0x22;
const nameTag = 0x2a;
const kindTag = 0x30;
const startTag = 0x39;
const endTag = 0x41;
const attributeTag = 0x4a;
const statusTag = 0x7a;
const codeTag = 0x18;
const flagsTag = 0x85;
const flagsTagRest = 0x01;

/** W3C: sampled. OTLP: it is known whether the parent is remote, and it is. */
const sampled = 0x001;
const hasRemote = 0x100;
const isRemote = 0x200;
const errorCode = 2;

/** The bytes are valid until the next call. */
export function createSpanEncoder(
  resource: Readonly<Record<string, AttributeValue>>,
  scope: string,
): (spans: readonly SpanFacts[]) => Buffer {
  const records = new ProtoWriter();
  const outer = new ProtoWriter();
  const envelop = createEnvelop(resource, scope);
  return (spans) => {
    records.clear();
    for (const span of spans) writeSpan(records, span);
    outer.clear();
    envelop(outer, records.written());
    return outer.written();
  };
}

function writeSpan(writer: ProtoWriter, span: SpanFacts): void {
  const { parentSpanId, attributes } = span;
  const message = writer.begin(spanTag);
  writer.hex(traceIdTag, span.traceId);
  writer.hex(spanIdTag, span.spanId);
  if (parentSpanId !== undefined) writer.hex(parentIdTag, parentSpanId);
  writer.text(nameTag, span.name);
  writer.varint(kindTag);
  // The API counts from 0, which is "unspecified" in the protocol.
  writer.varint(span.kind + 1);
  writer.time(startTag, span.startMs);
  writer.time(endTag, span.endMs);
  for (const name in attributes) {
    const value = attributes[name];
    if (value !== undefined) writeAttribute(writer, name, value as AttributeValue, attributeTag);
  }
  if (span.isError) {
    const status = writer.begin(statusTag);
    writer.varint(codeTag);
    writer.varint(errorCode);
    writer.end(status);
  }
  const isFar = parentSpanId !== undefined && span.isParentRemote;
  writer.fixed32([flagsTag, flagsTagRest], sampled | hasRemote | (isFar ? isRemote : 0));
  writer.end(message);
}
