import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { createHoldBack, heldMsMax } from '../../gateway/http/hold-back.ts';

function rig() {
  const world = { nowMs: 0, room: 0, busy: new Set<Socket>() };
  let looks: (() => void) | undefined;
  const holdBack = createHoldBack({
    room: () => world.room,
    isBusy: (socket) => world.busy.has(socket),
    now: () => world.nowMs,
    every: (_everyMs, run) => {
      looks = run;
      return () => {
        looks = undefined;
      };
    },
  });
  onTestFinished(() => holdBack.release());
  const reading = new Set<Socket>();
  const newSocket = (): Socket => {
    const socket = {
      destroyed: false,
      pause: () => reading.delete(socket),
      resume: () => reading.add(socket),
    } as unknown as Socket;
    reading.add(socket);
    return socket;
  };
  const shed = async (count: number, tookMs = 0.01): Promise<Socket[]> => {
    const sockets = Array.from({ length: count }, newSocket);
    for (const one of sockets) holdBack.add(one, tookMs);
    await turn();
    return sockets;
  };
  /** The time is this when it looks again whom to read. */
  const lookAt = (nowMs: number): void => {
    world.nowMs = nowMs;
    looks?.();
  };
  return { world, holdBack, reading, shed, lookAt, looks: () => looks !== undefined };
}

it('reads one after the other again, no faster than it may shed', async () => {
  const { reading, shed, lookAt } = rig();
  await shed(1_000);
  expect(reading.size).toBe(0);
  lookAt(100);
  expect(reading.size).toBe(200);
  lookAt(500);
  expect(reading.size).toBe(1_000);
});

it('however many there are, none waits for longer than it may', async () => {
  const { reading, shed, lookAt } = rig();
  await shed(20_000);
  lookAt(heldMsMax - 1);
  expect(reading.size).toBeLessThan(20_000);
  lookAt(heldMsMax);
  expect(reading.size).toBe(20_000);
});

it('where it takes long to shed, less is shed', async () => {
  const { world, reading, shed, lookAt } = rig();
  world.nowMs = 100;
  // Twice a quarter of a millisecond, and that an eighth of the time.
  await shed(100, 0.25);
  lookAt(140);
  expect(reading.size).toBe(10);
});

it('however long it takes to shed, some are read again', async () => {
  const { world, reading, shed, lookAt } = rig();
  world.nowMs = 100;
  await shed(100, 50);
  lookAt(150);
  expect(reading.size).toBe(5);
});

it('forgets what shedding once cost', async () => {
  const { reading, shed, world, lookAt } = rig();
  world.nowMs = 100;
  await shed(10, 50);
  lookAt(1_000);
  expect(reading.size).toBe(10);
  await shed(100);
  lookAt(1_050);
  expect(reading.size).toBe(110);
});

it('reads as many as there is room for at once', async () => {
  const { world, reading, shed, lookAt } = rig();
  await shed(100);
  world.room = 30;
  lookAt(0);
  expect(reading.size).toBe(30);
  world.room = 70;
  lookAt(0);
  expect(reading.size).toBe(100);
});

it('looks for as long as it holds one, and no longer', async () => {
  const { shed, lookAt, looks } = rig();
  expect(looks()).toBe(false);
  await shed(2);
  expect(looks()).toBe(true);
  lookAt(0.5);
  expect(looks()).toBe(true);
  lookAt(1);
  expect(looks()).toBe(false);
  await shed(1);
  expect(looks()).toBe(true);
});

it('holds one once, however many of its requests were shed', async () => {
  const { reading, shed, holdBack } = rig();
  const [first, second] = await shed(2);
  if (first === undefined || second === undefined) throw new Error('two were asked for');
  holdBack.release();
  const again = rig();
  for (let count = 0; count < 10; count += 1) {
    again.holdBack.add(first, 0.01);
    again.holdBack.add(second, 0.01);
  }
  await turn();
  expect(again.holdBack.size()).toBe(2);
  expect(reading.size).toBe(0);
  again.holdBack.release();
  expect(again.holdBack.size()).toBe(0);
  expect(reading.size).toBe(2);
});

it('leaves connections alone that work, are gone, or are held already', async () => {
  const { world, reading, shed, holdBack, lookAt } = rig();
  const [first, second] = await shed(2);
  if (first === undefined || second === undefined) throw new Error('two were asked for');
  holdBack.add(first, 0.01);
  await turn();
  expect(holdBack.size()).toBe(2);
  lookAt(10);
  expect(reading.size).toBe(2);
  world.busy.add(first);
  (second as { destroyed: boolean }).destroyed = true;
  holdBack.add(first, 0.01);
  holdBack.add(second, 0.01);
  await turn();
  expect(holdBack.size()).toBe(0);
});

it('once released holds none', async () => {
  const { reading, shed, holdBack } = rig();
  await shed(10);
  holdBack.release();
  expect(reading.size).toBe(10);
  await shed(10);
  expect(reading.size).toBe(20);
  expect(holdBack.size()).toBe(0);
});
