/** The admin port: liveness and readiness, loopback by default. Tells nothing of requests. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface AdminServer {
  readonly port: number;
  close(): Promise<void>;
}

export function startAdmin(
  listen: { host: string; port: number },
  state: { isReady: () => boolean },
): Promise<AdminServer> {
  const server = createServer(
    { maxHeaderSize: 8_192, requestTimeout: 5_000 },
    (request, response) => {
      const [status, body] = answer(request.url ?? '', state.isReady());
      response.writeHead(status, {
        'content-type': 'application/json',
        'cache-control': 'no-store',
      });
      response.end(JSON.stringify(body));
      request.resume();
    },
  );
  server.maxConnections = 100;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(listen, () => {
      const { port } = server.address() as AddressInfo;
      const close = () =>
        new Promise<void>((done) => {
          server.close(() => done());
          server.closeAllConnections();
        });
      resolve({ port, close });
    });
  });
}

function answer(path: string, isReady: boolean): [number, object] {
  if (path === '/health') return [200, { status: 'alive' }];
  if (path === '/ready')
    return isReady ? [200, { status: 'ready' }] : [503, { status: 'draining' }];
  return [404, { status: 'not-found' }];
}
