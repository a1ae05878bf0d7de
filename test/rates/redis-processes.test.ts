/** Four processes with one Redis: the limit holds for all of them together. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../support/redis.ts';

const script = fileURLToPath(new URL('charging-process.ts', import.meta.url));
const children: ChildProcess[] = [];
let server: RedisServer;

beforeAll(async () => {
  server = await startRedis();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await server?.stop();
});

function start(prefix: string) {
  const stdio = ['pipe', 'pipe', 'inherit'] as const;
  const child = spawn(process.execPath, [script, server.url, prefix], { stdio: [...stdio] });
  children.push(child);
  if (child.stdout === null) throw new Error('no output to read');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error('the process ended early');
    return value;
  };
  return { next, go: () => child.stdin?.write('go\n') };
}

describe('four processes that charge 50 times each at once', () => {
  it('are granted exactly 5 together', async () => {
    const prefix = `test:${crypto.randomUUID()}:`;
    const four = Array.from({ length: 4 }, () => start(prefix));
    for (const { next } of four) expect(await next()).toBe('ready');
    for (const { go } of four) go();
    const results = await Promise.all(four.map(async ({ next }) => JSON.parse(await next())));
    const sum = (what: string) => results.reduce((total, result) => total + result[what], 0);
    expect({ granted: sum('granted'), refused: sum('refused') }).toEqual({
      granted: 5,
      refused: 195,
    });
  });
});
