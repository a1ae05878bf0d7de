/**
 * The name of an upstream moves while calls go over a connection that is never idle: what answered
 * under it before, retired, taken over, or shut off by moving the name, must not be asked for ever.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { createTransport } from '../../gateway/delegate/transport/transport.ts';
import { newContext } from '../support/delegation.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function listen(address: string, port: number): Promise<Server> {
  const server = createServer((_request, response) => response.end(address));
  await new Promise<void>((resolve) => server.listen(port, address, resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return server;
}

async function rig() {
  const { port } = (await listen('127.0.0.1', 0)).address() as AddressInfo;
  await listen('127.0.0.2', port);
  const world = { address: '127.0.0.1' };
  const transport = createTransport(
    {
      upstream: 'up',
      url: `http://payroll.internal:${port}`,
      timeoutMs: 5_000,
      responseBytesMax: 99,
    },
    {
      now: Date.now,
      resolve: (_name, done) => done(null, [{ address: world.address, family: 4 }]),
    },
  );
  onTestFinished(() => transport.close());
  const ask = (): Promise<string> =>
    transport.send({ method: 'GET', path: '/', label: 'GET /' }, newContext()).then(
      ({ body }) => body,
      (error: { why: string }) => error.why,
    );
  /** One call in each of so many seconds. */
  const busyFor = async (seconds: number): Promise<string[]> => {
    const answers: string[] = [];
    for (let second = 0; second < seconds; second += 1) {
      vi.setSystemTime(Date.now() + 1_000);
      answers.push(await ask());
    }
    return answers;
  };
  return { world, ask, busyFor };
}

it('a name that moves is followed, though its connection is never idle', async () => {
  const { world, ask, busyFor } = await rig();
  expect(await ask()).toBe('127.0.0.1');
  world.address = '127.0.0.2';
  const answers = await busyFor(65);
  expect(new Set(answers)).toEqual(new Set(['127.0.0.1', '127.0.0.2']));
  expect(answers.at(-1)).toBe('127.0.0.2');
});

it('a name that moves to where it may not lead is followed no more than a new one', async () => {
  const { world, ask, busyFor } = await rig();
  expect(await ask()).toBe('127.0.0.1');
  world.address = '169.254.169.254';
  expect((await busyFor(65)).at(-1)).toMatch(/^address refused/);
});
