/** Merkle tree hashes against the definition of RFC 9162 section 2.1, written out the slow way. */
import { hash } from 'node:crypto';
import { expect, it } from 'vitest';
import {
  CompactRange,
  leafHash,
  leafHashInPlace,
  pathSpans,
  rootOfPath,
} from '../../../gateway/watch/audit-log/merkle.ts';

const sha = (...parts: Uint8Array[]) => hash('sha256', Buffer.concat(parts), 'buffer');
const line = (at: number) => Buffer.from(`line ${at}`);
const lines = Array.from({ length: 70 }, (_, at) => line(at));

/** MTH of the RFC. */
function treeHash(list: readonly Buffer[]): Buffer {
  const [only] = list;
  if (only === undefined) return sha(Buffer.of());
  if (list.length === 1) return sha(Buffer.of(0), only);
  let half = 1;
  while (half * 2 < list.length) half *= 2;
  return sha(Buffer.of(1), treeHash(list.slice(0, half)), treeHash(list.slice(half)));
}

it('the root of every size is the one of the definition, also when taken up in between', () => {
  const range = new CompactRange();
  for (const [at, one] of lines.entries()) {
    expect(range.root()).toEqual(treeHash(lines.slice(0, at)));
    const taken = new CompactRange(range.size, range.hashes);
    taken.append(leafHash(one));
    range.append(leafHash(one));
    expect(taken.root()).toEqual(range.root());
  }
});

it('a path leads from every leaf of every size to the root, and from no other', () => {
  for (let size = 1; size <= lines.length; size += 1) {
    const root = treeHash(lines.slice(0, size));
    for (let index = 0; index < size; index += 1) {
      const path = pathSpans(index, size).map(({ from, to }) => treeHash(lines.slice(from, to)));
      expect(rootOfPath({ index, size }, leafHash(line(index)), path)).toEqual(root);
      expect(rootOfPath({ index, size }, leafHash(line(index + 1)), path)).not.toEqual(root);
    }
  }
});

it('a path of another length, or an index outside, is no proof', () => {
  const path = pathSpans(3, 8).map(({ from, to }) => treeHash(lines.slice(from, to)));
  expect(rootOfPath({ index: 3, size: 8 }, leafHash(line(3)), path.slice(1))).toBeUndefined();
  expect(rootOfPath({ index: 8, size: 8 }, leafHash(line(3)), path)).toBeUndefined();
});

it('a compact range of the wrong number of hashes is refused', () => {
  expect(() => new CompactRange(3, [Buffer.alloc(32)])).toThrow(RangeError);
  expect(() => new CompactRange(1, [Buffer.alloc(31)])).toThrow(RangeError);
});

it('a leaf hashed where it stands is the same, and the byte before it is given back', () => {
  const buffer = Buffer.from('\nline 1\n');
  expect(Buffer.from(leafHashInPlace(buffer, 1, 7), 'latin1')).toEqual(leafHash(line(1)));
  expect(buffer.toString()).toBe('\nline 1\n');
});
