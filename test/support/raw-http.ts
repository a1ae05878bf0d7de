/** HTTP as text on a socket of our own: what no client would send, and every byte that comes back. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

export interface Talk {
  readonly socket: Socket;
  /** All that came so far. */
  text(): string;
  /** How many bytes that is. */
  bytes(): number;
  /** Status and body of each answer, in their order. */
  answers(): string[];
  readonly closed: Promise<void>;
}

/** A connection until the test ends. */
export function talk(port: number, open = () => connect(port, '127.0.0.1')): Talk {
  const socket = open();
  onTestFinished(() => void socket.destroy());
  const chunks: Buffer[] = [];
  let bytes = 0;
  const closed = Promise.withResolvers<void>();
  socket.on('error', () => undefined).on('close', () => closed.resolve());
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
  });
  return {
    socket,
    text: () => Buffer.concat(chunks).toString(),
    bytes: () => bytes,
    answers: () => toAnswers(Buffer.concat(chunks)),
    closed: closed.promise,
  };
}

/** Sends a text, signs as bytes, and gives all that comes back until the connection ends. */
export async function sendRaw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let out = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    out += chunk;
  });
  socket.on('error', () => undefined).write(text, 'latin1');
  await once(socket, 'close');
  return out;
}

/** Long enough for a server in this process to take a connection and all that was sent to it. */
export async function letServerRead(turns = 50): Promise<void> {
  for (let count = 0; count < turns; count += 1) await turn();
}

export const portOf = (url: string): number => Number(new URL(url).port);

export const get = (path: string, more = ''): string =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
export const post = (path: string, body: string, more = ''): string =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\n${more}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

function toAnswers(bytes: Buffer): string[] {
  const answers: string[] = [];
  let rest = bytes;
  for (let end = rest.indexOf('\r\n\r\n'); end >= 0; end = rest.indexOf('\r\n\r\n')) {
    const head = rest.toString('latin1', 0, end).toLowerCase();
    const length = Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0);
    const body = rest.toString('utf8', end + 4, end + 4 + length);
    answers.push(`${head.slice(9, 12)} ${body}`);
    rest = rest.subarray(end + 4 + length);
  }
  return answers;
}
