/** A reader of the log that stands still costs lines, not memory, and is told how many. */
import { expect, test } from 'vitest';
import { boundOutput } from '../../gateway/watch/bounded-output.ts';

const max = 1_000;

/** What was written, and how much of it waits as the test has it. */
function rig() {
  const output = { written: '', writableLength: 0 };
  const write = (text: string): void => {
    output.written += text;
  };
  const bounded = boundOutput(Object.assign(output, { write }), {
    waitingBytesMax: max,
    now: () => 0,
  });
  return { output, bounded };
}

const loss = (lost: number): string =>
  `{"time":"1970-01-01T00:00:00.000Z","kind":"log","level":"error","problem":"nobody read the log in time","lost":${lost}}\n`;

test('what waits stays within its bound; the loss stands before what comes after it', () => {
  const { output, bounded } = rig();
  bounded.write('a\n');
  output.writableLength = max + 1;
  bounded.write('b\nc\n');
  bounded.write('d\n');
  output.writableLength = 0;
  bounded.write('e\n');
  bounded.write('f\n');
  expect(output.written).toBe(`a\n${loss(3)}e\nf\n`);
});

test('after a loss it goes on once half is read, not at each line that is', () => {
  const { output, bounded } = rig();
  output.writableLength = max + 1;
  bounded.write('a\n');
  output.writableLength = max - 1;
  bounded.write('b\n');
  output.writableLength = max / 2;
  bounded.write('c\n');
  expect(output.written).toBe(`${loss(2)}c\n`);
});

test('where nothing can wait everything is written', () => {
  let written = '';
  const bounded = boundOutput({ write: (text) => (written += text) });
  bounded.write('a\n');
  expect(written).toBe('a\n');
});
