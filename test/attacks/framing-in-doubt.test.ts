/** A body whose end nobody knows is the end of its connection: RFC 9112, 6.1. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { startServer } from '../../gateway/http/server.ts';

it('nothing that stands behind chunks of HTTP/1.0 is walked, since it may be a part of them', async () => {
  const walked: string[] = [];
  const release = Promise.withResolvers<void>();
  const server = await startServer(
    {
      async handle(inbound, answer) {
        walked.push(inbound.protocolRefusal === undefined ? inbound.path : 'refused');
        if (inbound.path === '/1') await release.promise;
        await answer({ status: 200, headers: {}, body: '{}' });
      },
    },
    { host: '127.0.0.1', port: 0, tls: undefined },
  );
  onTestFinished(() => server.close(0));
  const ask = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
  const chunks =
    'POST /2 HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
  const socket = connect(server.port, '127.0.0.1').on('error', () => undefined);
  let out = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    out += chunk;
  });
  // While the first waits for its answer, that of the second waits for its turn.
  socket.write(ask('/1') + chunks + ask('/3'));
  await expect.poll(() => walked, { timeout: 10_000 }).toContain('refused');
  release.resolve();
  await once(socket, 'close');
  expect(walked).toEqual(['/1', 'refused']);
  expect(out.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
});
