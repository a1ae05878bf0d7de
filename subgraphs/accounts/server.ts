/**
 * The demo's sign-in service: node:http in front of accounts.ts. Requires `authorization: Bearer
 * demo`, accepts bodies up to 4 KiB and logs method and path only. It has no rate limits: the
 * gateway enforces them.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { close, listen } from '../listen.ts';
import {
  type AccountStore,
  createAccounts,
  passwordRules,
  type SignInAnswer,
  signIn,
} from './accounts.ts';

export interface AccountsOptions {
  /** 0 selects a free port. */
  readonly port: number;
  readonly host: string;
  readonly log?: (line: string) => void;
}

export interface RunningAccounts {
  readonly url: string;
  close(): Promise<void>;
}

const bodyBytesMax = 4_096;

/** Resolves when the server listens; rejects if the port is unavailable. */
export async function startAccounts(options: AccountsOptions): Promise<RunningAccounts> {
  const { port, host, log } = options;
  const store = createAccounts();
  const server = createServer((request, response) => {
    answer(store, request, log).then(
      (result) => send(response, result),
      () => send(response, problem(500, 'fault')),
    );
  });
  await listen(server, port, host);
  const { port: bound } = server.address() as AddressInfo;
  return { url: `http://${host}:${bound}`, close: () => close(server) };
}

const problem = (status: number, error: string): SignInAnswer => ({ status, body: { error } });

async function answer(
  store: AccountStore,
  request: IncomingMessage,
  log: AccountsOptions['log'],
): Promise<SignInAnswer> {
  const [path = '/'] = (request.url ?? '/').split('?', 1);
  log?.(`${request.method} ${path.slice(0, 200)}`);
  if (request.headers.authorization !== 'Bearer demo') return problem(401, 'credentials');
  const route = `${request.method} ${path}`;
  if (route === 'GET /password-rules') return { status: 200, body: passwordRules };
  if (route !== 'POST /sign-in') return problem(404, 'not found');
  const body = await readJson(request);
  return body === undefined ? problem(400, 'not readable') : signIn(store, body);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, { status, body }: SignInAnswer): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
