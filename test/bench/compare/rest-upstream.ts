/**
 * The REST upstream's stand-in, in a process of its own. Single records are encoded beforehand,
 * lists are put together from them; it stores nothing. Prints its port.
 * `node test/bench/compare/rest-upstream.ts`
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { employee, staffCount } from './staff.ts';

const records = Array.from({ length: staffCount }, (_, id) => JSON.stringify(employee(id)));
const listMax = 1_000;

function send(response: ServerResponse, status: number, body: string): void {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, headers).end(body);
}

function list(url: URL): string {
  const offset = Number(url.searchParams.get('offset') ?? 0);
  const limit = Math.min(Number(url.searchParams.get('limit') ?? 20), listMax);
  const rows = Array.from({ length: limit }, (_, at) => records[(offset + at) % staffCount]);
  return `[${rows.join(',')}]`;
}

function change(id: number, request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { jobTitle } = JSON.parse(Buffer.concat(chunks).toString());
    send(response, 200, JSON.stringify({ ...employee(id), jobTitle }));
  });
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://upstream');
  const [, collection, id] = url.pathname.split('/');
  const record = records[Number(id)];
  if (collection !== 'employees') return send(response, 404, '{}');
  if (id === undefined) return send(response, 200, list(url));
  if (record === undefined) return send(response, 404, '{}');
  if (request.method === 'PATCH') return change(Number(id), request, response);
  return send(response, 200, record);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address !== 'string') process.stdout.write(`${address.port}\n`);
});
