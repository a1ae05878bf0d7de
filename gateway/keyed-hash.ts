/**
 * HalfSipHash-2-4 with 64 bits of output over the UTF-16 code units of a text (little endian).
 * Keyed, so that callers cannot search for colliding identities. Two of n identities share a hash
 * with probability below n² / 2^65 (200,000 keys: 1.1e-9; 1,000,000 keys: 2.8e-8); they would then
 * share one bucket, which can only refuse too early. https://github.com/veorq/SipHash, CC0
 */
export class KeyedHash {
  /** The two halves of the last hash, as unsigned 32-bit numbers. */
  high = 0;
  low = 0;
  readonly #key0: number;
  readonly #key1: number;

  constructor(key0: number, key1: number) {
    this.#key0 = key0 | 0;
    this.#key1 = key1 | 0;
  }

  /** Sets `high` and `low`; allocates nothing. */
  update(text: string): void {
    let v0 = this.#key0;
    let v1 = this.#key1 ^ 0xee;
    let v2 = 0x6c796765 ^ this.#key0;
    let v3 = 0x74656462 ^ this.#key1;
    const { length } = text;
    const even = length & ~1;
    // Two rounds per word and 8 final rounds, 4 for each half of the hash, in one loop so that the
    // state stays in registers.
    for (let at = 0; at <= even + 8; at += 2) {
      const word = wordAt(text, at, even);
      const isEnd = at > even;
      if (!isEnd) v3 ^= word;
      else if (at === even + 2) v2 ^= 0xee;
      else if (at === even + 6) {
        this.low = (v1 ^ v3) >>> 0;
        v1 ^= 0xdd;
      }
      for (let round = 0; round < 2; round += 1) {
        v0 = (v0 + v1) | 0;
        v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
        v0 = (v0 << 16) | (v0 >>> 16);
        v2 = (v2 + v3) | 0;
        v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
        v0 = (v0 + v3) | 0;
        v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
        v2 = (v2 + v1) | 0;
        v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
        v2 = (v2 << 16) | (v2 >>> 16);
      }
      if (!isEnd) v0 ^= word;
    }
    this.high = (v1 ^ v3) >>> 0;
  }
}

/** Two code units; at the end, the remaining unit and the length. */
function wordAt(text: string, at: number, even: number): number {
  if (at < even) return text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);
  return ((text.length * 2) << 24) | (even < text.length ? text.charCodeAt(even) : 0);
}
