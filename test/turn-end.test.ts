import type { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { departAtTurnEnd, departNow } from '../gateway/turn-end.ts';

test('what departs does so at the end of the turn, all of it in order', async () => {
  const departed: number[] = [];
  const add = (nth: number) => departAtTurnEnd({ depart: () => departed.push(nth) });
  add(1);
  await Promise.resolve();
  add(2);
  expect(departed).toEqual([]);
  await turn();
  expect(departed).toEqual([1, 2]);
});

test('many do not wait for the end, and each goes once', async () => {
  const departed: number[] = [];
  for (let nth = 0; nth < 150; nth += 1) {
    departAtTurnEnd({ depart: () => departed.push(nth) });
    await Promise.resolve();
    expect(nth + 1 - departed.length).toBeLessThan(64);
  }
  await turn();
  expect(departed).toEqual(Array.from({ length: 150 }, (_, nth) => nth));
});

test('what is added while others depart goes in the turn after', async () => {
  const departed: string[] = [];
  departAtTurnEnd({
    depart() {
      departed.push('first');
      departAtTurnEnd({ depart: () => departed.push('added') });
    },
  });
  departAtTurnEnd({ depart: () => departed.push('second') });
  await turn();
  expect(departed).toEqual(['first', 'second']);
  await turn();
  expect(departed).toEqual(['first', 'second', 'added']);
});

test('what waits departs at once where that is asked for, and once only', async () => {
  const departed: number[] = [];
  const add = (nth: number) => departAtTurnEnd({ depart: () => departed.push(nth) });
  add(1);
  departNow();
  expect(departed).toEqual([1]);
  add(2);
  await turn();
  expect(departed).toEqual([1, 2]);
});

test('nothing waits after a turn that was long, until turns are short again', async () => {
  const departed: number[] = [];
  const add = (nth: number) => departAtTurnEnd({ depart: () => departed.push(nth) });
  add(1);
  const untilMs = performance.now() + 120;
  while (performance.now() < untilMs);
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
  const departed: number[] = [];
  const fault = new Error('of ours');
  departAtTurnEnd({ depart: () => departed.push(1) });
  departAtTurnEnd({
    depart() {
      throw fault;
    },
  });
  departAtTurnEnd({ depart: () => departed.push(3) });
  await expect.poll(() => departed).toEqual([1, 3]);
  await expect.poll(() => told).toEqual([['unhandledRejection', fault]]);
});
