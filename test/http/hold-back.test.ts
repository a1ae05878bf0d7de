import type { Socket } from 'node:net';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { createHoldBack, heldMsMax } from '../../gateway/http/hold-back.ts';

function rig() {
  const world = { nowMs: 0, room: 0, busy: new Set<Socket>() };
  const holdBack = createHoldBack({
    room: () => world.room,
    isBusy: (socket) => world.busy.has(socket),
    now: () => world.nowMs,
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
  return { world, holdBack, reading, shed };
}

it('reads one after the other again, no faster than it may shed', async () => {
  const { world, reading, shed } = rig();
  await shed(1_000);
  expect(reading.size).toBe(0);
  world.nowMs = 100;
  await sleep(30);
  expect(reading.size).toBe(200);
  world.nowMs = 500;
  await expect.poll(() => reading.size).toBe(1_000);
});

it('however many there are, none waits for longer than it may', async () => {
  const { world, reading, shed } = rig();
  await shed(20_000);
  world.nowMs = heldMsMax - 1;
  await sleep(30);
  expect(reading.size).toBeLessThan(20_000);
  world.nowMs = heldMsMax;
  await expect.poll(() => reading.size).toBe(20_000);
});

it('where it takes long to shed, less is shed', async () => {
  const { world, reading, shed } = rig();
  world.nowMs = 100;
  // Twice a quarter of a millisecond, and that an eighth of the time.
  await shed(100, 0.25);
  world.nowMs = 140;
  await sleep(30);
  expect(reading.size).toBe(10);
});

it('however long it takes to shed, some are read again', async () => {
  const { world, reading, shed } = rig();
  world.nowMs = 100;
  await shed(100, 50);
  world.nowMs = 150;
  await sleep(30);
  expect(reading.size).toBe(5);
});

it('forgets what shedding once cost', async () => {
  const { world, reading, shed } = rig();
  world.nowMs = 100;
  await shed(10, 50);
  world.nowMs = 1_000;
  await expect.poll(() => reading.size).toBe(10);
  await shed(100);
  world.nowMs = 1_050;
  await expect.poll(() => reading.size).toBe(110);
});

it('reads as many as there is room for at once', async () => {
  const { world, reading, shed } = rig();
  await shed(100);
  world.room = 30;
  await expect.poll(() => reading.size).toBeGreaterThanOrEqual(30);
  await expect.poll(() => reading.size).toBe(100);
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
  const { world, reading, shed, holdBack } = rig();
  const [first, second] = await shed(2);
  if (first === undefined || second === undefined) throw new Error('two were asked for');
  holdBack.add(first, 0.01);
  await turn();
  expect(holdBack.size()).toBe(2);
  world.nowMs = 10;
  await expect.poll(() => reading.size).toBe(2);
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
