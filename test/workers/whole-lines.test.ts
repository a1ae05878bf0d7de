/** Lines of several writers never mix, however what they write is cut. */
import { describe, expect, it } from 'vitest';
import { createWholeLines } from '../../gateway/workers/whole-lines.ts';

function rig() {
  const written: string[] = [];
  return { written, lines: createWholeLines((text) => written.push(text)) };
}

describe('whole lines', () => {
  it('are written when their end comes, also where a character is cut', () => {
    const { written, lines } = rig();
    const bytes = Buffer.from('one\ntwö\nthree\n');
    const cut = bytes.indexOf(0xb6);
    lines.push(bytes.subarray(0, cut));
    expect(written).toEqual(['one\n']);
    lines.push(bytes.subarray(cut));
    expect(written.join('')).toBe('one\ntwö\nthree\n');
  });

  it('end where their writer does', () => {
    const { written, lines } = rig();
    lines.push(Buffer.from('cut off'));
    expect(written).toEqual([]);
    lines.end();
    lines.end();
    expect(written).toEqual(['cut off\n']);
  });

  it('hold no more than a bound', () => {
    const { written, lines } = rig();
    for (let at = 0; at < 32; at += 1) lines.push(Buffer.alloc(65_536, 'x'));
    expect(written.map(({ length }) => length)).toEqual([1_048_577, 1_048_577]);
  });
});
