/** Events are found by the epochs of their ids as parsing them would find them, and texts as well. */
import { describe, expect, it } from 'vitest';
import { createFindOtherEpochs } from '../../../gateway/watch/audit-log/search/find-epochs.ts';

const id = (epoch: string): string => `${epoch}:${'A'.repeat(22)}`;
const event = (...epochs: string[]): string => {
  const subjects = epochs.map((epoch) => ({ type: 'Person', fields: [0], ids: [id(epoch)] }));
  return `${JSON.stringify({ name: 'subjects "ids":["e9:', subjects, chain: {} })}\n`;
};

describe('events of other epochs', () => {
  const known = ['e1', 'e10', 'a'];
  it.each([
    { name: 'none', lines: [event('e1'), event('e10', 'e10'), event('a')], found: [] },
    { name: 'another', lines: [event('e1'), event('e2'), event('a')], found: [1] },
    { name: 'one that begins alike', lines: [event('e11'), event('e')], found: [0, 1] },
    {
      name: 'one after an event of nobody',
      lines: [event(), event('e1'), event('e2')],
      found: [2],
    },
    {
      name: 'a text, though nobody follows',
      lines: [event('e1'), event(), 'wanted\n'],
      found: [2],
    },
    { name: 'a text in an event of a known epoch', lines: [`wanted ${event('a')}`], found: [0] },
  ])('$name', ({ lines, found }) => {
    const bytes = Buffer.from(lines.join(''));
    const find = createFindOtherEpochs(['wanted'], known);
    const ends = lines.map((_, at) => lines.slice(0, at + 1).join('').length);
    const at: number[] = [];
    for (let from = find(bytes, 0); from >= 0; ) {
      const line = ends.findIndex((end) => from < end);
      at.push(line);
      from = find(bytes, ends[line] ?? bytes.length);
    }
    expect(at).toEqual(found);
  });
});
