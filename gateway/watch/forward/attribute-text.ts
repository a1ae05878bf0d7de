/**
 * Attributes of a log record as text whose characters are the bytes on the wire: records share the
 * texts, and a record's attributes are written to the buffer in one copy. Tests compare the bytes
 * with those of write-attribute.ts.
 */
import { ProtoWriter } from './proto-writer.ts';
import { type AttributeValue, writeAttribute } from './write-attribute.ts';

/** Field number of a record's attribute shifted by three, plus the wire type. */
export const attributeTag = 0x32;

/** Up to this length all lengths take one byte each, even with the longest name. */
const shortMax = 64;
const notAscii = /[^\0-\x7f]/;
const scratch = new ProtoWriter(1_024);

/** The bytes that `write` puts into a writer, as text. */
export function toBytesText(write: (writer: ProtoWriter) => void): string {
  scratch.clear();
  write(scratch);
  return scratch.written().toString('latin1');
}

const toText = (name: string, value: AttributeValue): string =>
  toBytesText((writer) => writeAttribute(writer, name, value, attributeTag));

/** Encodes attributes of one name; '' unless the value is a non-empty text. */
export function createTextAttribute(name: string): (value: unknown) => string {
  // The bytes before a text, by the text's length.
  const heads = Array.from({ length: shortMax + 1 }, (_, length) =>
    length === 0 ? '' : toText(name, 'x'.repeat(length)).slice(0, -length),
  );
  return (value) => {
    if (typeof value !== 'string' || value === '') return '';
    if (value.length > shortMax || notAscii.test(value)) return toText(name, value);
    return `${heads[value.length]}${value}`;
  };
}

/** The same for names with few values, whose encoding is cached. */
export function createKnownAttribute(name: string): (value: unknown) => string {
  return createKept((value) =>
    typeof value === 'string' && value !== '' ? toText(name, value) : '',
  );
}

/** '' unless the value is a whole number of at least 0. */
export function createNumberAttribute(name: string): (value: unknown) => string {
  return createKept((value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
      ? toText(name, value)
      : '',
  );
}

/** For numbers that hardly ever come twice. */
export function createCounterAttribute(name: string): (value: number) => string {
  // The bytes before a number, by the number's width as a varint.
  const heads = Array.from({ length: 9 }, (_, width) =>
    width === 0 ? '' : toText(name, 2 ** (7 * width - 7)).slice(0, -width),
  );
  return (value) => {
    let digits = '';
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) {
      digits += String.fromCharCode((rest % 128) | 128);
    }
    digits += String.fromCharCode(rest);
    return `${heads[digits.length]}${digits}`;
  };
}

const keptMax = 1_000;

/** A bounded cache: past the bound it starts anew. */
function createKept<Key>(make: (key: Key) => string): (key: Key) => string {
  const kept = new Map<Key, string>();
  return (key) => {
    const cached = kept.get(key);
    if (cached !== undefined) return cached;
    const made = make(key);
    if (kept.size >= keptMax) kept.clear();
    kept.set(key, made);
    return made;
  };
}
