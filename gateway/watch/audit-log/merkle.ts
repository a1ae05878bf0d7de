/**
 * Merkle tree hashes of RFC 9162 section 2.1, over a log that only grows. Appending needs only a
 * compact range: one hash per set bit of the size, largest subtree first.
 *
 * A leaf is one line of the log, its exact bytes without the newline. Pure; part of step `seal`.
 */
import { hash } from 'node:crypto';

const node = Buffer.alloc(65);
node[0] = 1;

/**
 * Hashes are kept as latin1 text, one character per byte: as buffers they would cost twice as much
 * as the hashing itself.
 */
const toText = (bytes: Buffer): string => bytes.toString('latin1');
const toBytes = (text: string): Buffer => Buffer.from(text, 'latin1');

/** SHA-256(0x01 || left || right). */
function nodeHash(left: string, right: string): string {
  node.write(left, 1, 'latin1');
  node.write(right, 33, 'latin1');
  return hash('sha256', node, 'binary');
}

/** SHA-256(0x00 || line). */
export function leafHash(line: Uint8Array): Buffer {
  return hash('sha256', Buffer.concat([leafPrefix, line]), 'buffer');
}

const leafPrefix = Buffer.of(0);

/**
 * The leaf hash of a line within a buffer, without copying the line; the byte before it is
 * overwritten meanwhile. As latin1 text.
 */
export function leafHashInPlace(buffer: Buffer, start: number, end: number): string {
  const lent = buffer[start - 1] ?? 0;
  buffer[start - 1] = 0;
  const leaf = hash('sha256', buffer.subarray(start - 1, end), 'binary');
  buffer[start - 1] = lent;
  return leaf;
}

export class CompactRange {
  #size: number;
  readonly #hashes: string[];

  /** Throws RangeError if the hashes cannot be those of a tree of this size. */
  constructor(size = 0, hashes: readonly Buffer[] = []) {
    const fits = hashes.length === subtreeSizes(size).length;
    if (!fits || hashes.some(({ length }) => length !== 32)) {
      throw new RangeError('these are not the hashes of a tree of this size');
    }
    this.#size = size;
    this.#hashes = hashes.map(toText);
  }

  get size(): number {
    return this.#size;
  }

  /** One hash per subtree, largest first. */
  get hashes(): readonly Buffer[] {
    return this.#hashes.map(toBytes);
  }

  /** Takes a leaf hash, as bytes or as `leafHashInPlace` returns it. */
  append(leaf: Buffer | string): void {
    let top = typeof leaf === 'string' ? leaf : toText(leaf);
    for (let rest = this.#size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      const left = this.#hashes.pop();
      if (left === undefined) throw new RangeError('a compact range has lost a hash');
      top = nodeHash(left, top);
    }
    this.#hashes.push(top);
    this.#size += 1;
  }

  /** The Merkle tree hash; for an empty tree the hash of the empty string. */
  root(): Buffer {
    const [last, ...above] = [...this.#hashes].reverse();
    if (last === undefined) return hash('sha256', '', 'buffer');
    return toBytes(above.reduce((right, left) => nodeHash(left, right), last));
  }

  copy(): CompactRange {
    return new CompactRange(this.#size, this.hashes);
  }
}

/** Sizes of the complete subtrees that make up a tree, largest first. */
export function subtreeSizes(size: number): number[] {
  const sizes: number[] = [];
  let rest = size;
  while (rest > 0) {
    const part = 2 ** Math.floor(Math.log2(rest));
    sizes.push(part);
    rest -= part;
  }
  return sizes;
}

/** Leaves from `from`, counted from 0, up to but not including `to`. */
export interface LeafSpan {
  readonly from: number;
  readonly to: number;
}

/** The subtrees whose hashes prove that leaf `index` is in a tree of `size`, nearest first. */
export function pathSpans(index: number, size: number): LeafSpan[] {
  const spans: LeafSpan[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const half = 2 ** Math.ceil(Math.log2(to - from) - 1);
    const middle = from + half;
    if (index < middle) {
      spans.push({ from: middle, to });
      to = middle;
    } else {
      spans.push({ from, to: middle });
      from = middle;
    }
  }
  return spans.reverse();
}

/**
 * The root that a leaf and its path give (RFC 9162 section 2.1.3.2); undefined if they do not fit.
 */
export function rootOfPath(
  { index, size }: { index: number; size: number },
  leaf: Buffer,
  path: readonly Buffer[],
): Buffer | undefined {
  if (!(index >= 0 && index < size) || path.some(({ length }) => length !== 32)) return undefined;
  const spans = pathSpans(index, size);
  if (spans.length !== path.length) return undefined;
  let top = toText(leaf);
  for (const [at, sibling] of path.map(toText).entries()) {
    const isLeft = (spans[at]?.from ?? 0) < index;
    top = isLeft ? nodeHash(sibling, top) : nodeHash(top, sibling);
  }
  return toBytes(top);
}
