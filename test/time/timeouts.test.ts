import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTimeouts } from '../../gateway/time/timeouts.ts';
import { portOf, standStill } from '../support/stand-still.ts';

describe('createTimeouts', () => {
  it('tells what is due, in the order of time', async () => {
    const told: string[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const timeouts = createTimeouts<{ name: string }>(({ name }) => {
      told.push(name);
      if (name === 'last') resolve();
    });
    timeouts.add({ name: 'last' }, 60);
    timeouts.add({ name: 'first' }, 1);
    const taken = { name: 'taken back' };
    timeouts.delete(taken, timeouts.add(taken, 5));
    timeouts.add({ name: 'second' }, 20);
    await promise;
    expect(told).toEqual(['first', 'second', 'last']);
  });

  it('hears what came while the process stood still before it says that time is over', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const near = connect(portOf(server), '127.0.0.1');
    const [far] = (await once(server, 'connection')) as [Socket];
    onTestFinished(() => {
      near.destroy();
      far.destroy();
    });
    const told: string[] = [];
    const timeouts = createTimeouts<{ name: string }>(({ name }) => told.push(name));
    const call = { name: 'answered' };
    const place = timeouts.add(call, 20);
    timeouts.add({ name: 'unanswered' }, 20);
    near.once('data', () => {
      told.push('answer');
      timeouts.delete(call, place);
    });
    far.write('here');
    standStill(100);
    await expect.poll(() => told).toContain('unanswered');
    expect(told).toEqual(['answer', 'unanswered']);
  });
});
