/**
 * HMAC-SHA-256 (RFC 2104, FIPS 180-4) of short texts under one key, in plain JavaScript. The states
 * after the two key blocks are kept, so a text of up to 55 bytes costs two blocks and no call into
 * native code, which would cost more than the blocks. Tests compare it with node:crypto.
 *
 * Not constant-time: use it only where the key is never compared and the texts are no secret from
 * anyone who could measure timings.
 */
import { hash } from 'node:crypto';

/** Writes the HMAC of a text's UTF-8 into eight words, valid until the next call. */
export type HmacSha256 = (text: string) => Int32Array;

const blockBytes = 64;
const primes = firstPrimes(64);
const rounds = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
const initial = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

const schedule = new Int32Array(64);
const state = new Int32Array(8);
/** Holds text and padding; longer texts get a buffer of their own. */
const scratch = new Uint8Array(4_096);
const asciiMax = scratch.length - 2 * blockBytes;

export function createHmacSha256(key: Uint8Array): HmacSha256 {
  const short = key.length > blockBytes ? hash('sha256', key, 'buffer') : key;
  const inner = afterKey(short, 0x36);
  const outer = afterKey(short, 0x5c);
  return (text) => {
    state.set(inner);
    digestText(text);
    for (let at = 0; at < 8; at += 1) schedule[at] = state[at] as number;
    schedule[8] = 0x8000_0000 | 0;
    for (let at = 9; at < 15; at += 1) schedule[at] = 0;
    schedule[15] = (blockBytes + 32) * 8;
    state.set(outer);
    compress();
    return state;
  };
}

/** The state after the key's block (RFC 2104: the key XORed with the pad). */
function afterKey(key: Uint8Array, pad: number): Int32Array {
  const block = new Uint8Array(blockBytes).fill(pad);
  for (const [at, byte] of key.entries()) block[at] = byte ^ pad;
  state.set(initial);
  digestBlock(block, 0);
  return state.slice();
}

/** Digests the rest of the message, from the state after the key's block to the end. */
function digestText(text: string): void {
  if (isInScratch(text)) digestBytes(scratch, text.length);
  else digestBytes(padded(text), Buffer.byteLength(text));
}

/**
 * Copies the text to `scratch` if it is short and ASCII, as most ids are; returns whether it did.
 */
function isInScratch(text: string): boolean {
  const { length } = text;
  if (length > asciiMax) return false;
  for (let at = 0; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code > 127) {
      scratch.fill(0, 0, at);
      return false;
    }
    scratch[at] = code;
  }
  return true;
}

/** The text's UTF-8, with room for the padding. */
function padded(text: string): Uint8Array {
  const bytes = Buffer.alloc(Buffer.byteLength(text) + 2 * blockBytes);
  bytes.write(text);
  return bytes;
}

function digestBytes(bytes: Uint8Array, length: number): void {
  const end = Math.ceil((length + 9) / blockBytes) * blockBytes;
  bytes[length] = 0x80;
  bytes.fill(0, length + 1, end);
  const bits = (blockBytes + length) * 8;
  for (let at = 0, rest = bits; at < 6; at += 1) {
    bytes[end - 1 - at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  for (let at = 0; at < end; at += blockBytes) digestBlock(bytes, at);
  // Leaves nothing of an id in the shared buffer.
  bytes.fill(0, 0, end);
}

function digestBlock(bytes: Uint8Array, from: number): void {
  for (let word = 0, at = from; word < 16; word += 1, at += 4) {
    schedule[word] =
      ((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number);
  }
  compress();
}

/**
 * Compresses one block, whose first 16 words are in `schedule`, into `state` (FIPS 180-4 6.2.2).
 */
function compress(): void {
  const w = schedule;
  const k = rounds;
  const h = state;
  for (let at = 16; at < 64; at += 1) {
    const x = w[at - 15] as number;
    const y = w[at - 2] as number;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[at] = ((w[at - 16] as number) + s0 + (w[at - 7] as number) + s1) | 0;
  }
  let a = h[0] as number;
  let b = h[1] as number;
  let c = h[2] as number;
  let d = h[3] as number;
  let e = h[4] as number;
  let f = h[5] as number;
  let g = h[6] as number;
  let i = h[7] as number;
  for (let at = 0; at < 64; at += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (i + s1 + ((e & f) ^ (~e & g)) + (k[at] as number) + (w[at] as number)) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    i = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  h[0] = (h[0] as number) + a;
  h[1] = (h[1] as number) + b;
  h[2] = (h[2] as number) + c;
  h[3] = (h[3] as number) + d;
  h[4] = (h[4] as number) + e;
  h[5] = (h[5] as number) + f;
  h[6] = (h[6] as number) + g;
  h[7] = (h[7] as number) + i;
}

/** The first 32 bits of the fractional part. */
function fraction(root: number): number {
  return ((root - Math.floor(root)) * 2 ** 32) | 0;
}

function firstPrimes(count: number): number[] {
  const found: number[] = [];
  for (let next = 2; found.length < count; next += 1) {
    if (found.every((prime) => next % prime !== 0)) found.push(next);
  }
  return found;
}
