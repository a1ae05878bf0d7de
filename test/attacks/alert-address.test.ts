/**
 * A webhook's name that leads into our own network, to us or to cloud metadata: at first, or at a later
 * attempt (DNS rebinding). The lookup is the only thing played here: nobody can be asked to point a
 * name of the Internet at a test.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createAlertPost } from '../../gateway/watch/alerts/post-alert.ts';

const names = vi.hoisted(() => new Map<string, string[][]>());
vi.mock(import('node:dns'), async (importOriginal) => {
  const { withPlayedLookup } = await import('../support/played-lookup.ts');
  return withPlayedLookup(await importOriginal(), names);
});

/** Whoever connects here was let into our own network. */
const inside = createServer((socket) => {
  connections += 1;
  socket.destroy();
});
let connections = 0;
let port = 0;
beforeEach(async () => {
  connections = 0;
  inside.listen(0, '127.0.0.1');
  await once(inside, 'listening');
  port = (inside.address() as { port: number }).port;
});
afterEach(async () => {
  inside.close();
  await once(inside, 'close');
});

async function send(given: string[][], privateNetwork = false, times = 1): Promise<string[]> {
  names.set('hooks.example.com', given);
  const url = `https://hooks.example.com:${port}/hook`;
  const post = createAlertPost({ url, privateNetwork, timeoutMs: 10_000 });
  const outcomes: string[] = [];
  for (let at = 0; at < times; at += 1) {
    const sent = post.send({ headers: {}, body: '{}' }, new AbortController().signal);
    outcomes.push(
      await sent.then(
        () => 'sent',
        (error: NodeJS.ErrnoException) => [error.code, error.message].filter(Boolean).join(': '),
      ),
    );
  }
  await post.close();
  return outcomes;
}

test.each([
  ['this machine', ['127.0.0.1']],
  ['this machine, mapped', ['::ffff:127.0.0.1']],
  ['a private network', ['10.0.0.1']],
  ['cloud metadata', ['169.254.169.254']],
  ['a public address and a private one', ['93.184.216.34', '127.0.0.1']],
])('%s is not connected to', async (_name, found) => {
  const [outcome] = await send([found]);
  expect(outcome).toMatch(/^FORBIDDEN_ADDRESS: resolves to an address/);
  expect(connections).toBe(0);
});

test('no private network permits cloud metadata', async () => {
  const [outcome] = await send([['169.254.169.254']], true);
  expect(outcome).toMatch(/^FORBIDDEN_ADDRESS: resolves to an address/);
});

test('a name is judged at each connection', async () => {
  const outcomes = await send([[], ['127.0.0.1'], ['169.254.169.254']], false, 3);
  expect(outcomes).toEqual([
    'not found',
    expect.stringMatching(/^FORBIDDEN_ADDRESS: /),
    expect.stringMatching(/^FORBIDDEN_ADDRESS: /),
  ]);
  expect(connections).toBe(0);
});
