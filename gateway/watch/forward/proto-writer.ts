/**
 * The parts of protobuf's wire format that an OTLP export needs, written into one growing buffer:
 * without message objects or reflection, and lines are copied as they are. Lengths are minimal
 * varints. https://protobuf.dev/programming-guides/encoding
 */
const shortText = 48;
const keptBytesMax = 4 * 1024 * 1024;

export class ProtoWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(bytes = 4096) {
    this.#buffer = Buffer.allocUnsafeSlow(bytes);
  }

  get length(): number {
    return this.#length;
  }

  /** Starts anew in the same memory, unless a huge line has made it too large to keep. */
  clear(): void {
    this.#length = 0;
    if (this.#buffer.length > keptBytesMax) this.#buffer = Buffer.allocUnsafeSlow(4096);
  }

  /** The bytes written so far, valid until the next write: copy them to keep them. */
  written(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest > 127) {
      this.#buffer[this.#length++] = (rest & 127) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[this.#length++] = rest;
  }

  /** Copies the bytes written so far into `target`, which must have room for them. */
  copyTo(target: Buffer, at: number): void {
    this.#buffer.copy(target, at, 0, this.#length);
  }

  /** Appends encoded bytes from another buffer. */
  part(source: Buffer, start: number, end: number): void {
    this.#reserve(end - start);
    this.#length += source.copy(this.#buffer, this.#length, start, end);
  }

  /** Appends encoded bytes. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  bytes(tag: number, bytes: Uint8Array): void {
    this.varint(tag);
    this.varint(bytes.length);
    this.raw(bytes);
  }

  text(tag: number, text: string): void {
    this.varint(tag);
    if (text.length <= shortText && this.#ascii(text)) return;
    const length = Buffer.byteLength(text);
    this.varint(length);
    this.#reserve(length);
    this.#length += this.#buffer.write(text, this.#length, 'utf8');
  }

  /** Appends bytes given as text, one character each. */
  latin1(text: string): void {
    this.#reserve(text.length);
    this.#length += this.#buffer.write(text, this.#length, 'latin1');
  }

  /**
   * Lower-case hexadecimal text of even length as bytes, without a call into native code, which
   * costs more for short ids. Returns false for other text and writes nothing then.
   */
  hex(tag: number, text: string): boolean {
    const before = this.#length;
    this.varint(tag);
    this.varint(text.length / 2);
    this.#reserve(text.length / 2);
    const buffer = this.#buffer;
    let at = this.#length;
    let all = 0;
    for (let index = 0; index < text.length; index += 2) {
      const high = digits[text.charCodeAt(index)] ?? notDigit;
      const low = digits[text.charCodeAt(index + 1)] ?? notDigit;
      all |= high | low;
      buffer[at++] = (high << 4) | low;
    }
    this.#length = all < notDigit ? at : before;
    return all < notDigit;
  }

  double(tag: number, value: number): void {
    this.varint(tag);
    this.#reserve(8);
    this.#length = this.#buffer.writeDoubleLE(value, this.#length);
  }

  /** With a two-byte tag. */
  fixed32(tag: readonly [number, number], value: number): void {
    this.#reserve(6);
    this.#buffer[this.#length++] = tag[0];
    this.#buffer[this.#length++] = tag[1];
    this.#length = this.#buffer.writeUInt32LE(value, this.#length);
  }

  /** Milliseconds since the epoch as nanoseconds, fixed64, rounded to a whole nanosecond. */
  time(tag: number, ms: number): void {
    this.varint(tag);
    this.#reserve(8);
    const whole = Math.floor(ms);
    const nanoseconds = Math.round((ms - whole) * 1_000_000);
    // In two halves, since the product exceeds a safe integer, and a bigint would cost more.
    const low = (whole % 65_536) * 1_000_000 + nanoseconds;
    const high = Math.floor(whole / 65_536) * 1_000_000 + Math.floor(low / 65_536);
    const buffer = this.#buffer;
    buffer[this.#length++] = low & 255;
    buffer[this.#length++] = (low % 65_536) >>> 8;
    let rest = high;
    for (let index = 0; index < 6; index += 1) {
      buffer[this.#length++] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }

  /** Begins a message of unknown length; pass the result to `end`. */
  begin(tag: number): number {
    this.varint(tag);
    this.#reserve(2);
    this.#length += 2;
    return this.#length;
  }

  /** Ends the message that began at `start`. Its length mostly fits two bytes, else it is moved. */
  end(start: number): void {
    const length = this.#length - start;
    const width = varintWidth(length);
    // Reserved at once: growing in `varint` would not copy the bytes after the length.
    this.#reserve(8);
    if (width !== 2) {
      this.#buffer.copyWithin(start + width - 2, start, this.#length);
    }
    this.#length = start - 2;
    this.varint(length);
    this.#length += length;
  }

  /**
   * KeyValue { key, value { string_value } } with its tag; `key` is the encoded field 1. Most are
   * short ASCII, whose lengths are known in advance and take one byte each.
   */
  attribute(tag: number, key: Uint8Array, text: string): void {
    if (key.length + text.length < 124 && text.length <= shortText) {
      const before = this.#length;
      this.#reserve(128);
      const buffer = this.#buffer;
      let at = before;
      buffer[at++] = tag;
      buffer[at++] = key.length + text.length + 4;
      for (let index = 0; index < key.length; index += 1) buffer[at++] = key[index] ?? 0;
      buffer[at++] = 0x12;
      buffer[at++] = text.length + 2;
      buffer[at++] = 0x0a;
      this.#length = at;
      if (this.#ascii(text)) return;
      this.#length = before;
    }
    const attribute = this.begin(tag);
    this.raw(key);
    const value = this.begin(0x12);
    this.text(0x0a, text);
    this.end(value);
    this.end(attribute);
  }

  /** Appends length and text if the text is ASCII; otherwise returns false and appends nothing. */
  #ascii(text: string): boolean {
    const { length } = text;
    this.#reserve(length + 1);
    const buffer = this.#buffer;
    let at = this.#length;
    buffer[at++] = length;
    for (let index = 0; index < length; index += 1) {
      const code = text.charCodeAt(index);
      if (code > 127) return false;
      buffer[at++] = code;
    }
    this.#length = at;
    return true;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

const notDigit = 16;
/** A character code's value as a hexadecimal digit, `notDigit` for any other. */
const digits = Uint8Array.from({ length: 128 }, (_, code) => {
  const worth = '0123456789abcdef'.indexOf(String.fromCharCode(code));
  return worth < 0 ? notDigit : worth;
});

export function varintWidth(value: number): number {
  let width = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) width += 1;
  return width;
}
