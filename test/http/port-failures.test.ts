/** A port that could not take a connection goes on, and says so once a minute. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Server } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { startAdmin } from '../../gateway/http/admin.ts';
import { createPortFailures, type PortFailures } from '../../gateway/http/port-failures.ts';
import { startServer } from '../../gateway/http/server.ts';

const channel = 'tracing:net.server.listen:asyncEnd';

/** The server that `start` made: what its system tells it is told in its name here. */
async function serverOf(start: () => Promise<{ port: number }>): Promise<Server> {
  const listening: Server[] = [];
  const note = (message: unknown): void => {
    const { server } = message as { server: unknown };
    if (server instanceof Server) listening.push(server);
  };
  subscribe(channel, note);
  const { port } = await start();
  unsubscribe(channel, note);
  const isIt = (one: Server): boolean => {
    const address = one.address();
    return typeof address === 'object' && address?.port === port;
  };
  const server = listening.find(isIt);
  if (server === undefined) throw new Error('no server listens');
  return server;
}

const ports = [
  {
    port: 'listen' as const,
    start: (failed: PortFailures) => async () => {
      const server = await startServer(
        { handle: async (_inbound, send) => void (await send(answer)) },
        { host: '127.0.0.1', port: 0, tls: undefined, failed },
      );
      onTestFinished(() => server.close(0));
      return server;
    },
    path: '/graphql',
  },
  {
    port: 'admin' as const,
    start: (portFailed: PortFailures) => async () => {
      const state = { isReady: () => true, portFailed };
      const admin = await startAdmin({ host: '127.0.0.1', port: 0 }, state);
      onTestFinished(() => admin.close());
      return admin;
    },
    path: '/live',
  },
];
const answer = { status: 200, headers: {}, body: '{}' };

it.each(ports)('$port', async ({ port, start, path }) => {
  const world = { nowMs: 0 };
  const lines: unknown[] = [];
  const log = (line: string): void => void lines.push(JSON.parse(line));
  const failed = createPortFailures(port, { log, clock: () => world.nowMs });
  const server = await serverOf(start(failed));
  const fail = (): boolean =>
    server.emit('error', Object.assign(new Error('accept ENFILE'), { code: 'ENFILE' }));
  for (let times = 0; times < 10; times += 1) fail();
  const line = {
    kind: port,
    level: 'error',
    problem: 'a connection could not be accepted: ENFILE',
  };
  expect(lines).toEqual([line]);
  world.nowMs += 60_000;
  fail();
  expect(lines).toEqual([line, { ...line, untold: 9 }]);
  const address = server.address();
  const own = typeof address === 'object' ? address?.port : undefined;
  expect((await fetch(`http://127.0.0.1:${own}${path}`)).status).toBe(200);
});
