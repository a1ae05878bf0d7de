import { getEventListeners } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { readBody } from '../../gateway/admit/read-body.ts';
import { Refusal } from '../../gateway/decision.ts';

const open = new AbortController().signal;

async function* chunks(...sizes: number[]) {
  for (const size of sizes) yield new Uint8Array(size).fill(size);
}

async function read(stream: AsyncIterable<Uint8Array>, bytesMax = 100_000, deadline = open) {
  const outcome = await readBody(stream, { bytesMax, deadline });
  return outcome instanceof Refusal ? outcome.reason : [...outcome];
}

async function* failing(code: string) {
  yield new Uint8Array(1);
  throw Object.assign(new Error('stream'), { code });
}

describe('body', () => {
  const sizes = [[], [0], [5], [3, 4], [16_384, 1, 20_000], [40_000, 60_000]];
  test.each(sizes.map((given) => ({ given })))(
    'chunks of $given arrive whole',
    async ({ given }) => {
      const expected = given.flatMap((size) => new Array<number>(size).fill(size & 0xff));
      expect(await read(chunks(...given))).toEqual(expected);
    },
  );

  test('stops at the first chunk over the cap', async () => {
    let taken = 0;
    async function* endless() {
      for (;;) {
        taken += 1;
        yield new Uint8Array(10);
      }
    }
    expect(await read(endless(), 25)).toBe('admit/body-too-large');
    expect(taken).toBe(3);
    expect(await read(chunks(25), 25)).toHaveLength(25);
  });

  test('stops when the deadline aborts, before or while reading', async () => {
    async function* silent(): AsyncGenerator<Uint8Array> {
      await new Promise(() => undefined);
    }
    expect(await read(silent(), 1, AbortSignal.abort())).toBe('admit/body-timeout');
    const late = new AbortController();
    const reading = read(silent(), 1, late.signal);
    late.abort();
    expect(await reading).toBe('admit/body-timeout');
  });

  test('tells a caller who went from a fault', async () => {
    expect(await read(failing('ECONNRESET'))).toBe('gateway/closed-by-caller');
    await expect(read(failing('EOTHER'))).rejects.toThrow('stream');
  });
});

describe('body of a Node stream', () => {
  const streamOf = (...sizes: number[]) => Readable.from(chunks(...sizes), { objectMode: false });

  test.each([{ given: [] }, { given: [5] }, { given: [3, 4] }, { given: [16_384, 1, 20_000] }])(
    'chunks of $given arrive whole',
    async ({ given }) => {
      const expected = given.flatMap((size) => new Array<number>(size).fill(size & 0xff));
      expect(await read(streamOf(...given))).toEqual(expected);
    },
  );

  test('a chunk too many is refused, and the stream stands, with nothing of ours on it', async () => {
    const stream = new PassThrough();
    const reading = read(stream, 25);
    stream.write(new Uint8Array(20));
    stream.write(new Uint8Array(20));
    expect(await reading).toBe('admit/body-too-large');
    expect(stream.isPaused()).toBe(true);
    expect(stream.destroyed).toBe(false);
    expect(stream.listenerCount('data') + stream.listenerCount('close')).toBe(0);
  });

  test('the deadline aborts, before or while reading', async () => {
    expect(await read(new PassThrough(), 1, AbortSignal.abort())).toBe('admit/body-timeout');
    const late = new AbortController();
    const stream = new PassThrough();
    const reading = read(stream, 10, late.signal);
    stream.write(new Uint8Array(1));
    late.abort();
    expect(await reading).toBe('admit/body-timeout');
    expect(stream.destroyed).toBe(false);
  });

  test('tells a caller who went, before or while reading, from a fault', async () => {
    const gone = new PassThrough();
    gone.destroy();
    expect(await read(gone)).toBe('gateway/closed-by-caller');
    // Its end was told before anybody listened.
    expect(await read(gone)).toBe('gateway/closed-by-caller');
    const going = new PassThrough();
    const reading = read(going);
    going.destroy();
    expect(await reading).toBe('gateway/closed-by-caller');
    const reset = new PassThrough();
    const resetting = read(reset);
    reset.destroy(Object.assign(new Error('reset'), { code: 'ECONNRESET' }));
    expect(await resetting).toBe('gateway/closed-by-caller');
    const broken = new PassThrough();
    const breaking = read(broken);
    broken.destroy(Object.assign(new Error('stream'), { code: 'EOTHER' }));
    await expect(breaking).rejects.toThrow('stream');
  });
});

test.each([
  { name: 'a body', stream: () => chunks(5) },
  { name: 'one of a Node stream', stream: () => Readable.from(chunks(5), { objectMode: false }) },
])('of $name nothing is left at the deadline', async ({ stream }) => {
  const { signal } = new AbortController();
  expect(await read(stream(), 10, signal)).toHaveLength(5);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
