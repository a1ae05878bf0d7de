/** What a request to the collector carries is its own, whatever becomes of the memory it was made from. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { createOtlpPost } from '../../../gateway/watch/forward/post-otlp.ts';

/** More than both systems hold on the way. */
const size = 32 * 1024 * 1024;

it('who answers before it has read all gets the rest of that request, and nothing of the next', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const taken = Promise.withResolvers<Socket>();
  server.once('connection', (socket) => {
    socket
      .on('error', () => undefined)
      .once('data', () => {
        socket.pause();
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
        taken.resolve(socket);
      });
  });
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  const post = createOtlpPost({ endpoint, headers: {}, timeoutMs: 20_000 });
  const message = Buffer.alloc(size, 'a');
  const answer = await post.send(message, new AbortController().signal);
  expect(answer.status).toBe(200);
  // The encoder begins its next batch in the same memory.
  message.fill('\0');
  const socket = await taken.promise;
  let [read, isForeign] = [0, false];
  for await (const chunk of socket) {
    read += chunk.length;
    isForeign ||= chunk.includes(0);
    if (read >= size) break;
  }
  expect(isForeign).toBe(false);
  await post.close();
  server.close();
});
