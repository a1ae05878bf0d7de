/**
 * Answers as text or bytes that go to the socket as they are. Node's way of writing an answer costs
 * as much as all the rest of turning somebody away.
 *
 * Only where nothing about the connection is special: whatever is goes Node's way.
 */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { rawHeader } from '../admit/raw-header.ts';
import type { Answer } from '../shape/answer.ts';
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
  const end = toHeadEnd(dateMs, keepAliveMs);
  return `${toHeadStart(status, headers)}content-length: ${Buffer.byteLength(body)}\r\n${end}${body}`;
}

function toHeadStart(status: number, headers: Answer['headers']): string {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`;
  for (const name in headers) text += `${name}: ${headers[name]}\r\n`;
  return text;
}

const toHeadEnd = (dateMs: number, keepAliveMs: number): string =>
  `Date: ${new Date(dateMs).toUTCString()}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1_000)}\r\n\r\n`;

const toLastHeadEnd = (dateMs: number): string =>
  `Date: ${new Date(dateMs).toUTCString()}\r\nConnection: close\r\n\r\n`;

const headEnd = { second: Number.NaN, keepAliveMs: 0, text: '' };

/** The same for all answers of a second. */
function headEndOf(nowMs: number, keepAliveMs: number): string {
  const second = Math.floor(nowMs / 1_000);
  if (headEnd.second !== second || headEnd.keepAliveMs !== keepAliveMs) {
    headEnd.second = second;
    headEnd.keepAliveMs = keepAliveMs;
    headEnd.text = toHeadEnd(second * 1_000, keepAliveMs);
  }
  return headEnd.text;
}

/** What a line of the head may hold: neither its end, nor what readers take for something else. */
const isFieldText = /^[\t\x20-\x7e]*$/;

/**
 * One answer of one request in full, `bodyBytes` long in the encoding that it will be written in;
 * undefined where a header holds what Node must refuse. Without `keepAliveMs` it is the last of its
 * connection.
 */
export function toAnswerText(
  { status, headers, body }: Answer,
  bodyBytes: number,
  { nowMs, keepAliveMs }: { nowMs: number; keepAliveMs: number | undefined },
): string | undefined {
  for (const name in headers) if (!isFieldText.test(headers[name] ?? '')) return undefined;
  const start = toHeadStart(status, headers);
  const end = keepAliveMs === undefined ? toLastHeadEnd(nowMs) : headEndOf(nowMs, keepAliveMs);
  return `${start}${status === 204 ? '' : `content-length: ${bodyBytes}\r\n`}${end}${body}`;
}

interface Turn {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * Whether an answer can be written to the socket in place of `response`: it is the turn of this
 * answer, and nothing waits for leave.
 */
export function isPlainTurn({ request, response }: Turn): boolean {
  // An answer whose turn it is not has no socket yet.
  const { socket } = response;
  if (socket === null || !socket.writable || socket.writableLength > unreadBytesMax) return false;
  if (response.headersSent || response.destroyed) return false;
  const { httpVersion, method } = request;
  if ((httpVersion !== '1.1' && httpVersion !== '1.0') || method === 'HEAD') return false;
  return rawHeader(request.rawHeaders, 'expect') === undefined;
}

/**
 * Writes the bytes in place of `response`; false, and nothing done, where they do not fit: it is not
 * the turn of this answer, the connection ends with it, or the request has a body that is long, of
 * unknown length or waits for leave.
 */
export function writeBytes(turn: Turn, bytes: () => Buffer): boolean {
  const { request, response } = turn;
  if (!response.shouldKeepAlive || request.httpVersion !== '1.1') return false;
  if (!isPlainTurn(turn) || !hasSmallBody(request)) return false;
  response.socket?.write(bytes());
  // Node ends the exchange on this event alone: it throws the body away and gives the next answer
  // its turn.
  response.emit('finish');
  return true;
}
