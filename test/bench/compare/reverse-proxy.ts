/**
 * The least a process between a caller and an upstream can do: node:http and an undici pool,
 * bytes handed on. `/employees-and-pay` makes the two calls of a join one after the other, with a
 * constant list of ids, and hands on both bodies. Prints its port.
 * `node test/bench/compare/reverse-proxy.ts REST_URL PAY_URL`
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Dispatcher, Pool } from 'undici';

const [restUrl = '', payUrl = ''] = process.argv.slice(2);
const open = (url: string): Pool =>
  new Pool(new URL(url).origin, { connections: 64, pipelining: 1 });
const rest = open(restUrl);
const payroll = open(payUrl);

const joinPath = '/employees-and-pay';
const payOf = (count: number): string =>
  JSON.stringify({
    query: 'query($ids: [ID!]!) { employeesById(ids: $ids) { id salary currency grade } }',
    variables: { ids: Array.from({ length: count }, (_, id) => String(id)) },
  });
const bodies = new Map([5, 50].map((count) => [String(count), payOf(count)]));

type Done = (status: number, body: Buffer) => void;

function call(pool: Pool, options: Dispatcher.DispatchOptions, done: Done): void {
  const chunks: Buffer[] = [];
  let status = 502;
  pool.dispatch(options, {
    onRequestStart: () => undefined,
    onResponseStart: (_, code) => {
      status = code;
    },
    onResponseData: (_, chunk) => {
      chunks.push(chunk);
    },
    onResponseEnd: () =>
      done(status, chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)),
    onResponseError: () => done(502, Buffer.alloc(0)),
  });
}

function join(path: string, done: Done): void {
  const list = path.replace(joinPath, '/employees');
  const body = bodies.get(/limit=(\d+)/.exec(path)?.[1] ?? '') ?? '';
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  call(rest, { method: 'GET', path: list, headers }, (_, rows) => {
    call(payroll, { method: 'POST', path: '/', headers, body }, (status, pay) => {
      done(status, Buffer.concat([rows, pay]));
    });
  });
}

function forward(request: IncomingMessage, body: Buffer | null, response: ServerResponse): void {
  const path = request.url ?? '/';
  const done: Done = (status, text) => {
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': text.length,
    });
    response.end(text);
  };
  if (path.startsWith(joinPath)) {
    join(path, done);
    return;
  }
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  const method = request.method === 'PATCH' ? 'PATCH' : 'GET';
  call(rest, { method, path, headers, body }, done);
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    forward(request, chunks.length === 0 ? null : Buffer.concat(chunks), response);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address !== 'string') process.stdout.write(`${address.port}\n`);
});
