/** What the writer wrote stays as it was, wherever its buffer has to grow. */
import { expect, it } from 'vitest';
import { ProtoWriter } from '../../../gateway/watch/forward/proto-writer.ts';

it('a short message at the end of a full buffer is kept', () => {
  for (let before = 0; before < 40; before += 1) {
    for (const content of [0, 1, 2, 5, 8]) {
      const writer = new ProtoWriter(before + 8);
      writer.raw(Buffer.alloc(before, 7));
      const message = writer.begin(0x0a);
      writer.raw(Buffer.alloc(content, 9));
      writer.end(message);
      const expected = [...Buffer.alloc(before, 7), 0x0a, content, ...Buffer.alloc(content, 9)];
      expect([...writer.written()]).toEqual(expected);
    }
  }
});
