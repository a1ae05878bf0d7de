/**
 * Who answers under a known name later, with a certificate that nobody vouches for: over a session that
 * was taken up again no certificate would be shown, and whose keys count or who is told of alerts was
 * decided by whoever can take up sessions. Real servers that share the keys of sessions.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, expect, it, onTestFinished } from 'vitest';
import { createOutbound } from '../../gateway/identify/outbound.ts';
import { createAlertPost } from '../../gateway/watch/alerts/post-alert.ts';
import { createOtlpPost } from '../../gateway/watch/forward/post-otlp.ts';
import { createAuthority, type Pair } from '../support/certificates.ts';

const known = await createAuthority();
const own = await known.issue('known', 'DNS:localhost');
const strange = await (await createAuthority()).issue('strange', 'DNS:localhost');
const before = getCACertificates('default');
setDefaultCACertificates([...before, known.cert]);
afterAll(() => setDefaultCACertificates(before));

async function play() {
  const ticketKeys = randomBytes(48);
  const about = ({ cert, key }: Pair) => ({ cert, key, ticketKeys });
  const server = createServer(about(own), (request, response) => {
    // Each call over a connection of its own.
    response.setHeader('connection', 'close');
    request.resume().on('end', () => response.end('{}'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}/`,
    replace: () => server.setSecureContext(about(strange)),
  };
}

interface Sender {
  send(): Promise<unknown>;
  close(): Promise<void>;
}
const signal = () => AbortSignal.timeout(5_000);
const senders: { name: string; open: (url: string) => Sender }[] = [
  {
    name: 'an identity provider',
    open(url) {
      const { ask, close } = createOutbound(url, { privateNetwork: false, connections: 1 });
      const question = { method: 'GET' as const, headers: {}, bytesMax: 1_000 };
      return { send: () => ask({ ...question, signal: signal() }), close };
    },
  },
  {
    name: 'a webhook',
    open(url) {
      const { send, close } = createAlertPost({ url, privateNetwork: false, timeoutMs: 5_000 });
      return { send: () => send({ headers: {}, body: '{}' }, signal()), close };
    },
  },
  {
    name: 'a collector',
    open(url) {
      const { send, close } = createOtlpPost({ endpoint: url, headers: {}, timeoutMs: 5_000 });
      return { send: () => send(Buffer.from('x'), signal()), close };
    },
  },
];

it.each(senders)('$name is known by its certificate each time', async ({ open }) => {
  const server = await play();
  const { send, close } = open(server.url);
  onTestFinished(close);
  await send();
  server.replace();
  await expect(send()).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
});
