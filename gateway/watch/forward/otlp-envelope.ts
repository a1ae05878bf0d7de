/**
 * The envelope around records and spans in an OTLP export request: resource and scope. Logs and
 * traces use the same field numbers here.
 */
import { ProtoWriter, varintWidth } from './proto-writer.ts';
import { type AttributeValue, writeAttribute } from './write-attribute.ts';

/** Wraps encoded records into a request. */
export type Envelop = (outer: ProtoWriter, records: Buffer) => void;

/** resource_logs { resource, scope_logs { scope, log_records... } }, and likewise for spans. */
export function createEnvelop(
  resource: Readonly<Record<string, AttributeValue>>,
  scope: string,
): Envelop {
  const head = resourceOf(resource);
  const about = scopeOf(scope);
  return (outer, records) => {
    const scoped = about.length + records.length;
    outer.varint(0x0a);
    outer.varint(head.length + 1 + varintWidth(scoped) + scoped);
    outer.raw(head);
    outer.varint(0x12);
    outer.varint(scoped);
    outer.raw(about);
    outer.raw(records);
  };
}

function resourceOf(resource: Readonly<Record<string, AttributeValue>>): Buffer {
  const writer = new ProtoWriter(1_024);
  const message = writer.begin(0x0a);
  for (const [name, value] of Object.entries(resource)) writeAttribute(writer, name, value, 0x0a);
  writer.end(message);
  return writer.written();
}

function scopeOf(name: string): Buffer {
  const writer = new ProtoWriter(64);
  const message = writer.begin(0x0a);
  writer.text(0x0a, name);
  writer.end(message);
  return writer.written();
}
