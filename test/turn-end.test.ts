import { setImmediate as turn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { departAtTurnEnd } from '../gateway/turn-end.ts';

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

test('a fault in one is told, and those behind it depart', async () => {
  const faults: unknown[] = [];
  const before = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => faults.push(error));
  onTestFinished(() => {
    process.removeAllListeners('uncaughtException');
    for (const one of before) process.on('uncaughtException', one);
  });
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
  expect(faults).toEqual([fault]);
});
