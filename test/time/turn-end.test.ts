import type { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { TurnEndQueue } from '../../gateway/time/turn-end.ts';

/** Departures by a clock that stands still until it is set, and who has departed. */
function rig() {
  const clock = { ms: 1_000 };
  const departures = new TurnEndQueue(() => clock.ms);
  const departed: (number | string)[] = [];
  const add = (name: number | string) => departures.atTurnEnd({ flush: () => departed.push(name) });
  return { clock, departures, departed, add };
}

test('what departs does so at the end of the turn, all of it in order', async () => {
  const { departed, add } = rig();
  add(1);
  await Promise.resolve();
  add(2);
  expect(departed).toEqual([]);
  await turn();
  expect(departed).toEqual([1, 2]);
});

test('what is added while others depart goes in the turn after', async () => {
  const { departures, departed, add } = rig();
  departures.atTurnEnd({
    flush() {
      departed.push('first');
      add('added');
    },
  });
  add('second');
  await turn();
  expect(departed).toEqual(['first', 'second']);
  await turn();
  expect(departed).toEqual(['first', 'second', 'added']);
});

test('what waits departs at once where that is asked for, and once only', async () => {
  const { departures, departed, add } = rig();
  add(1);
  departures.release();
  expect(departed).toEqual([1]);
  add(2);
  await turn();
  expect(departed).toEqual([1, 2]);
});

test('nothing waits for more than 5 ms when something else begins or is added', () => {
  const { clock, departures, departed, add } = rig();
  add(1);
  clock.ms += 5;
  departures.releaseLate();
  expect(departed).toEqual([]);
  clock.ms += 1;
  departures.releaseLate();
  expect(departed).toEqual([1]);
  add(2);
  clock.ms += 6;
  add(3);
  expect(departed).toEqual([1, 2, 3]);
});

test('nothing waits after a turn that was long, until turns are short again', async () => {
  const { clock, departed, add } = rig();
  add(1);
  clock.ms += 101;
  await turn();
  add(2);
  expect(departed).toEqual([1, 2]);
  for (let turns = 0; turns < 100; turns += 1) {
    add(3);
    await turn();
  }
  add(4);
  expect(departed.at(-1)).toBe(3);
  await turn();
  expect(departed.at(-1)).toBe(4);
});

test('a fault in one is told, costs no process, and those behind it depart', async () => {
  const told: [string, unknown][] = [];
  const emitter: EventEmitter = process;
  for (const event of ['uncaughtException', 'unhandledRejection']) {
    const before = emitter.listeners(event) as (() => void)[];
    emitter.removeAllListeners(event).on(event, (error) => told.push([event, error]));
    onTestFinished(() => {
      emitter.removeAllListeners(event);
      for (const one of before) emitter.on(event, one);
    });
  }
  const { departures, departed, add } = rig();
  const fault = new Error('of ours');
  add(1);
  departures.atTurnEnd({
    flush() {
      throw fault;
    },
  });
  add(3);
  await expect.poll(() => departed).toEqual([1, 3]);
  await expect.poll(() => told).toEqual([['unhandledRejection', fault]]);
});
