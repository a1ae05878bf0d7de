/**
 * The few parts of protobuf's wire format that an OTLP export needs, written into one growing
 * buffer: no message objects, no reflection, a line's bytes copied as they are. Lengths are
 * minimal varints. https://protobuf.dev/programming-guides/encoding
 */
const shortText = 48;

export class ProtoWriter {
  #buffer: Buffer;
  #length = 0;

  constructor(bytes = 4096) {
    this.#buffer = Buffer.allocUnsafeSlow(bytes);
  }

  get length(): number {
    return this.#length;
  }

  /** What was written; the writer may go on, so copy what must stay. */
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

  /** Bytes as they are, tags and all. */
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

  /** Lower-case hexadecimal text as bytes. */
  hex(tag: number, text: string): void {
    this.varint(tag);
    this.varint(text.length / 2);
    this.#reserve(text.length / 2);
    this.#length += this.#buffer.write(text, this.#length, 'hex');
  }

  fixed64(tag: number, value: bigint): void {
    this.varint(tag);
    this.#reserve(8);
    this.#length = this.#buffer.writeBigUInt64LE(value, this.#length);
  }

  /** Begins a message whose length is not known yet; end it with what this returns. */
  begin(tag: number): number {
    this.varint(tag);
    this.#reserve(2);
    this.#length += 2;
    return this.#length;
  }

  /** Ends the message that began at `start`: two bytes of length fit most, others are moved. */
  end(start: number): void {
    const length = this.#length - start;
    const width = varintWidth(length);
    if (width !== 2) {
      this.#reserve(width);
      this.#buffer.copyWithin(start + width - 2, start, this.#length);
    }
    this.#length = start - 2;
    this.varint(length);
    this.#length += length;
  }

  /** Length and text if it is ASCII; what is not leaves nothing behind. */
  #ascii(text: string): boolean {
    const { length } = text;
    this.#reserve(length + 1);
    let at = this.#length;
    this.#buffer[at++] = length;
    for (let index = 0; index < length; index += 1) {
      const code = text.charCodeAt(index);
      if (code > 127) return false;
      this.#buffer[at++] = code;
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

export function varintWidth(value: number): number {
  let width = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) width += 1;
  return width;
}
