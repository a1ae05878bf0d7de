/** The delay of the event loop, read by more than one. */
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { watchEventLoopDelay } from '../../../gateway/watch/telemetry/event-loop-delay.ts';

it('is the same for a reader who comes right after another', async () => {
  let nowMs = 0;
  const loop = watchEventLoopDelay(() => nowMs);
  const values = () => loop.readings().map(({ value }) => value);
  try {
    while (values().at(-1) === 0) {
      const endMs = performance.now() + 50;
      while (performance.now() < endMs);
      await turn();
    }
    nowMs += 10_000;
    const first = values();
    expect(first.at(-1)).toBeGreaterThan(0);
    expect(values()).toEqual(first);
    nowMs += 9_999;
    expect(values()).toEqual(first);
    nowMs = 0;
    expect(values()).not.toEqual(first);
  } finally {
    loop.close();
  }
});
