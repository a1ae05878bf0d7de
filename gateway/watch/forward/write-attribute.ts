/** Writes an OTLP attribute, KeyValue { key, value }, of a record, a span or a resource. */
import type { ProtoWriter } from './proto-writer.ts';

export type AttributeValue = string | number | boolean | readonly string[];

/** Tags: the field number shifted by three, plus the wire type. */
const valueTag = 0x12;
const stringTag = 0x0a;
const boolTag = 0x10;
const intTag = 0x18;
const doubleTag = 0x21;
const arrayTag = 0x2a;

/** Encoded names; there are few and they are fixed. */
const keys = new Map<string, Buffer>();

function keyOf(name: string): Buffer {
  const cached = keys.get(name);
  if (cached !== undefined) return cached;
  const made = Buffer.from([stringTag, name.length, ...Buffer.from(name)]);
  keys.set(name, made);
  return made;
}

/** @param tag the field's tag: 6 in a record, 9 in a span, 1 in a resource */
export function writeAttribute(
  writer: ProtoWriter,
  name: string,
  value: AttributeValue,
  tag: number,
): void {
  if (typeof value === 'string') {
    writer.attribute(tag, keyOf(name), value);
    return;
  }
  const attribute = writer.begin(tag);
  writer.raw(keyOf(name));
  const any = writer.begin(valueTag);
  writeValue(writer, value);
  writer.end(any);
  writer.end(attribute);
}

function writeValue(writer: ProtoWriter, value: number | boolean | readonly string[]): void {
  if (typeof value === 'boolean') {
    writer.varint(boolTag);
    writer.varint(value ? 1 : 0);
  } else if (typeof value === 'object') writeTexts(writer, value);
  else if (Number.isSafeInteger(value) && value >= 0) {
    writer.varint(intTag);
    writer.varint(value);
  } else writer.double(doubleTag, value);
}

function writeTexts(writer: ProtoWriter, values: readonly string[]): void {
  const array = writer.begin(arrayTag);
  for (const value of values) {
    const any = writer.begin(stringTag);
    writer.text(stringTag, value);
    writer.end(any);
  }
  writer.end(array);
}
