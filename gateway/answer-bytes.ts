/**
 * Answers that are the same for many, as bytes that go to the socket as they are. Node's way of
 * writing an answer costs as much as all the rest of turning somebody away.
 *
 * Only where nothing about the connection is special: whatever is goes Node's way.
 */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { rawHeader } from './raw-header.ts';
import type { Answer } from './shape/answer.ts';
import { hasSmallBody } from './small-body.ts';

/** More than so much that a caller has not taken is not added to. */
const unreadBytesMax = 16_384;

interface Bytes {
  second: number;
  bytes: Buffer;
}

const made = new WeakMap<Answer, Bytes>();

/** Status line, headers and body, with the date of the second. `answer` must not change. */
export function toAnswerBytes(answer: Answer, nowMs: number, keepAliveMs: number): Buffer {
  const second = Math.floor(nowMs / 1_000);
  let known = made.get(answer);
  if (known === undefined) {
    known = { second: Number.NaN, bytes: Buffer.alloc(0) };
    made.set(answer, known);
  }
  if (known.second !== second) {
    known.second = second;
    known.bytes = Buffer.from(toText(answer, second * 1_000, keepAliveMs));
  }
  return known.bytes;
}

function toText({ status, headers, body }: Answer, dateMs: number, keepAliveMs: number): string {
  const fields = {
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
    Date: new Date(dateMs).toUTCString(),
    Connection: 'keep-alive',
    'Keep-Alive': `timeout=${Math.floor(keepAliveMs / 1_000)}`,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`;
}

/**
 * Writes the bytes in place of `response`; false, and nothing done, where they do not fit: it is not
 * the turn of this answer, the connection ends with it, or the request has a body that is long, of
 * unknown length or waits for leave.
 */
export function writeBytes(
  { request, response }: { request: IncomingMessage; response: ServerResponse },
  bytes: () => Buffer,
): boolean {
  // An answer whose turn it is not has no socket yet.
  const { socket } = response;
  if (socket === null || !socket.writable || socket.writableLength > unreadBytesMax) return false;
  if (!response.shouldKeepAlive || response.headersSent || response.destroyed) return false;
  if (request.httpVersion !== '1.1' || request.method === 'HEAD') return false;
  if (!hasSmallBody(request) || rawHeader(request.rawHeaders, 'expect') !== undefined) return false;
  socket.write(bytes());
  // Node ends the exchange on this event alone: it throws the body away and gives the next answer
  // its turn.
  response.emit('finish');
  return true;
}
