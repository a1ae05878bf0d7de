/**
 * Attributes of a log record as text whose characters are the bytes of the wire: what many records
 * have alike is one text, and a record's attributes go into the buffer in one copy. Equal to what
 * write-attribute.ts writes; tested so.
 */
import { ProtoWriter } from './proto-writer.ts';
import { type AttributeValue, writeAttribute } from './write-attribute.ts';

/** Field number of a record's attribute shifted by three, plus wire type. */
export const attributeTag = 0x32;

/** Lengths up to here take one byte each, with the longest name there is. */
const shortMax = 64;
const notAscii = /[^\0-\x7f]/;
const scratch = new ProtoWriter(1_024);

/** What is put into a writer, as text. */
export function toBytesText(write: (writer: ProtoWriter) => void): string {
  scratch.clear();
  write(scratch);
  return scratch.written().toString('latin1');
}

const toText = (name: string, value: AttributeValue): string =>
  toBytesText((writer) => writeAttribute(writer, name, value, attributeTag));

/** Writes attributes of one name; nothing for what is no text or an empty one. */
export function createTextAttribute(name: string): (value: unknown) => string {
  // What stands before a text, by its length.
  const heads = Array.from({ length: shortMax + 1 }, (_, length) =>
    length === 0 ? '' : toText(name, 'x'.repeat(length)).slice(0, -length),
  );
  return (value) => {
    if (typeof value !== 'string' || value === '') return '';
    if (value.length > shortMax || notAscii.test(value)) return toText(name, value);
    return `${heads[value.length]}${value}`;
  };
}

/** The same for names of which few values are ever seen: those of late are kept. */
export function createKnownAttribute(name: string): (value: unknown) => string {
  return createKept((value) =>
    typeof value === 'string' && value !== '' ? toText(name, value) : '',
  );
}

/** Nothing for what is no whole number, or below 0. */
export function createNumberAttribute(name: string): (value: unknown) => string {
  return createKept((value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
      ? toText(name, value)
      : '',
  );
}

/** Numbers that are hardly ever seen twice. */
export function createCounterAttribute(name: string): (value: number) => string {
  // What stands before a number, by the bytes that it takes.
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

/** Bounded: where more are seen than are kept, all are made anew. */
function createKept<Key>(make: (key: Key) => string): (key: Key) => string {
  const kept = new Map<Key, string>();
  return (key) => {
    const known = kept.get(key);
    if (known !== undefined) return known;
    const made = make(key);
    if (kept.size >= keptMax) kept.clear();
    kept.set(key, made);
    return made;
  };
}
