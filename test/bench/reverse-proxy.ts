/**
 * The least a process between a caller and an upstream can do: a node:http server that hands
 * requests to an undici pool and their answers back. What gateways are measured against.
 * `node test/bench/reverse-proxy.ts UPSTREAM_URL PATH`; prints its port.
 */
import { createServer } from 'node:http';
import { Pool } from 'undici';

const [upstream = '', path = '/'] = process.argv.slice(2);
const pool = new Pool(upstream, { connections: 64, pipelining: 1 });

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const answer: Buffer[] = [];
    const body = Buffer.concat(chunks);
    const headers = { accept: 'application/json' };
    // A GET of the same upstream as the gateway makes for the operation in the body.
    pool.dispatch(
      { method: 'GET', path: body.length > 0 ? path : '/', headers },
      {
        onRequestStart: () => undefined,
        onResponseStart: (_, status) => {
          response.statusCode = status;
        },
        onResponseData: (_, chunk) => {
          answer.push(chunk);
        },
        onResponseEnd: () => {
          const text = Buffer.concat(answer);
          response.writeHead(response.statusCode, {
            'content-type': 'application/json',
            'content-length': text.length,
          });
          response.end(text);
        },
        onResponseError: () => {
          response.statusCode = 502;
          response.end();
        },
      },
    );
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address !== 'string') process.stdout.write(`${address.port}\n`);
});
