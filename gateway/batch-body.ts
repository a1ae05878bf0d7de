/**
 * A request's body that is looked at before the walk reads it: one whose first sign is `[` is kept
 * whole, up to a size, and may be another text in the end; any other passes piece by piece.
 *
 * Nothing is read before the walk asks for it: strangers cannot make us hold a body. A body past
 * the size goes on as it came, and the walk refuses it.
 */

type Step = IteratorResult<Uint8Array>;

export interface PeekOptions {
  /** Bytes that are kept. */
  readonly bytesMax: number;
  /** Gets the text of a list; gives the text to go on with, undefined for the same. */
  readonly take: (text: string) => string | undefined;
}

export class PeekedBody implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array> {
  readonly #inner: AsyncIterator<Uint8Array>;
  readonly #options: PeekOptions;
  #isKnown = false;

  constructor(body: AsyncIterable<Uint8Array>, options: PeekOptions) {
    this.#inner = body[Symbol.asyncIterator]();
    this.#options = options;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this;
  }

  next(): Promise<Step> {
    return this.#isKnown ? this.#inner.next() : this.#peek();
  }

  async #peek(): Promise<Step> {
    const step = await this.#inner.next();
    if (step.done === true) return step;
    const sign = firstSign(step.value);
    if (sign === undefined) return step;
    this.#isKnown = true;
    return sign === openingBracket ? this.#keep(step.value) : step;
  }

  async #keep(first: Uint8Array): Promise<Step> {
    const { bytesMax, take } = this.#options;
    let kept: Uint8Array = first;
    let bytes = first.byteLength;
    while (bytes <= bytesMax) {
      const step = await this.#inner.next();
      if (step.done === true) {
        const whole = kept.subarray(0, bytes);
        const text = decode(whole);
        const other = text === undefined ? undefined : take(text);
        return {
          done: false,
          value: other === undefined ? whole : new TextEncoder().encode(other),
        };
      }
      const total = bytes + step.value.byteLength;
      if (total > kept.byteLength) kept = grow(kept, bytes, total * 2);
      kept.set(step.value, bytes);
      bytes = total;
    }
    return { done: false, value: kept.subarray(0, bytes) };
  }
}

const openingBracket = 0x5b;
const blanks: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

const firstSign = (bytes: Uint8Array): number | undefined =>
  bytes.find((byte) => !blanks.has(byte));

function grow(kept: Uint8Array, bytes: number, size: number): Uint8Array {
  const larger = new Uint8Array(size);
  larger.set(kept.subarray(0, bytes));
  return larger;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // The walk decodes the same bytes, and refuses them in its own words.
    return undefined;
  }
}

/** A body that is here already. */
export async function* bodyOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}
