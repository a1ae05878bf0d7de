/**
 * Many networks as sorted, disjoint ranges in typed arrays: a lookup is one binary search without
 * allocation, and a million networks take a few megabytes.
 */
import { setImmediate } from 'node:timers/promises';
import type { Address } from '../addresses/ip-address.ts';
import { maskOf, type NetworkSlot } from '../addresses/ip-network.ts';

export interface Ranges {
  has(address: Address): boolean;
  /** Memory of the arrays. */
  readonly bytes: number;
}

export interface RangesBuilder {
  add(network: NetworkSlot): void;
  /** Call once. Yields to other work between the steps of sorting. */
  build(): Promise<Ranges>;
}

/** Words per collected IPv6 network: its first address and its prefix. */
const stride = 5;

export function createRangesBuilder(): RangesBuilder {
  let four = new Float64Array(1_024);
  let fours = 0;
  let six = new Uint32Array(stride * 64);
  let sixes = 0;
  return {
    add({ version, prefix, words }) {
      if (version === 4) {
        if (fours === four.length) four = grow(four, new Float64Array(fours * 2));
        // One number that sorts by start, then widest first: 32 bits of start, 6 of prefix.
        four[fours++] = (words[0] ?? 0) * 64 + prefix;
      } else {
        if ((sixes + 1) * stride > six.length) six = grow(six, new Uint32Array(six.length * 2));
        six.set(words, sixes * stride);
        six[sixes * stride + 4] = prefix;
        sixes += 1;
      }
    },
    async build() {
      const [starts4, ends4] = mergeFour(four.subarray(0, fours).sort());
      await setImmediate();
      const ranges6 = mergeSix(six, await inOrder(six, sixes));
      return {
        has: (address) =>
          address.version === 4 ? hasFour(starts4, ends4, address.a) : hasSix(ranges6, address),
        bytes: starts4.byteLength + ends4.byteLength + ranges6.byteLength,
      };
    },
  };
}

function grow<T extends Float64Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

function mergeFour(sorted: Float64Array): [Uint32Array, Uint32Array] {
  const starts = new Uint32Array(sorted.length);
  const ends = new Uint32Array(sorted.length);
  let count = 0;
  for (const packed of sorted) {
    const start = Math.floor(packed / 64);
    const end = start + 2 ** (32 - (packed % 64)) - 1;
    const last = count === 0 ? -2 : (ends[count - 1] ?? 0);
    if (start <= last + 1) {
      if (end > last) ends[count - 1] = end;
    } else {
      starts[count] = start;
      ends[count++] = end;
    }
  }
  return [starts.slice(0, count), ends.slice(0, count)];
}

/** Eight words per range: first address, last address. */
function mergeSix(collected: Uint32Array, order: Uint32Array): Uint32Array {
  const ranges = new Uint32Array(order.length * 8);
  let used = 0;
  for (const index of order) {
    const at = index * stride;
    // Networks are nested or disjoint, and the widest comes first: a start inside means all inside.
    if (used > 0 && compareWords(collected, at, ranges, (used - 1) * 8 + 4) <= 0) continue;
    const prefix = collected[at + 4] ?? 0;
    for (let word = 0; word < 4; word += 1) {
      const start = collected[at + word] ?? 0;
      ranges[used * 8 + word] = start;
      ranges[used * 8 + 4 + word] = start | ~maskOf(prefix - 32 * word);
    }
    used += 1;
  }
  return ranges.slice(0, used * 8);
}

/** Indexes by first address, widest first. A radix sort in steps: one sort blocks for seconds. */
async function inOrder(collected: Uint32Array, count: number): Promise<Uint32Array> {
  let order = Uint32Array.from({ length: count }, (_, index) => index);
  let spare = new Uint32Array(count);
  // Least significant digit first; each pass is stable.
  for (let half = stride * 2 - 1; half >= 0; half -= 1) {
    const part = { word: half >> 1, shift: half % 2 === 0 ? 16 : 0 };
    if (sortPass({ collected, from: order, to: spare, ...part })) {
      [order, spare] = [spare, order];
    }
    await setImmediate();
  }
  return order;
}

/** Sorts by 16 bits of one word; returns false, moving nothing, if all are equal. */
function sortPass(pass: {
  collected: Uint32Array;
  from: Uint32Array;
  to: Uint32Array;
  word: number;
  shift: number;
}): boolean {
  const { collected, from, to, word, shift } = pass;
  const digit = (index: number) => ((collected[index * stride + word] ?? 0) >>> shift) & 0xffff;
  const starts = new Uint32Array(0x1_0001);
  for (const index of from) {
    const next = digit(index) + 1;
    starts[next] = (starts[next] ?? 0) + 1;
  }
  if (from.length === 0 || starts[digit(from[0] ?? 0) + 1] === from.length) return false;
  for (let at = 1; at < starts.length; at += 1) {
    starts[at] = (starts[at] ?? 0) + (starts[at - 1] ?? 0);
  }
  for (const index of from) {
    const place = digit(index);
    const at = starts[place] ?? 0;
    to[at] = index;
    starts[place] = at + 1;
  }
  return true;
}

function compareWords(left: Uint32Array, at: number, right: Uint32Array, to: number): number {
  for (let word = 0; word < 4; word += 1) {
    const difference = (left[at + word] ?? 0) - (right[to + word] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function hasFour(starts: Uint32Array, ends: Uint32Array, value: number): boolean {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low > 0 && value <= (ends[low - 1] ?? 0);
}

function hasSix(ranges: Uint32Array, address: Address): boolean {
  let [low, high] = [0, ranges.length / 8];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareAddress(ranges, middle * 8, address) <= 0) low = middle + 1;
    else high = middle;
  }
  return low > 0 && compareAddress(ranges, (low - 1) * 8 + 4, address) >= 0;
}

const compareAddress = (words: Uint32Array, at: number, { a, b, c, d }: Address): number =>
  (words[at] ?? 0) - a ||
  (words[at + 1] ?? 0) - b ||
  (words[at + 2] ?? 0) - c ||
  (words[at + 3] ?? 0) - d;
