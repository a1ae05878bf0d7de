/**
 * Answers as text or bytes, written to the socket directly. Node's own path costs as much as
 * everything else in refusing a request.
 *
 * Used only if nothing about the connection is special; otherwise Node writes the answer.
 */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { rawHeader } from '../admit/raw-header.ts';
import type { Answer } from '../shape/answer.ts';
import { hasSmallBody } from './small-body.ts';

/** With more than this unread by the client, no further answer is written directly. */
const unreadBytesMax = 16_384;

interface Bytes {
  second: number;
  bytes: Buffer;
}

const made = new WeakMap<Answer, Bytes>();

/** Status line, headers and body, with the current second in Date. `answer` must not change. */
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

/** Shared by all answers of one second. */
function headEndOf(nowMs: number, keepAliveMs: number): string {
  const second = Math.floor(nowMs / 1_000);
  if (headEnd.second !== second || headEnd.keepAliveMs !== keepAliveMs) {
    headEnd.second = second;
    headEnd.keepAliveMs = keepAliveMs;
    headEnd.text = toHeadEnd(second * 1_000, keepAliveMs);
  }
  return headEnd.text;
}

/** Characters allowed in a header value: no line ends, and none that parsers read differently. */
const isFieldText = /^[\t\x20-\x7e]*$/;

/**
 * Status line and headers of one answer with a body of `bodyBytes`; undefined if a header has
 * characters that Node must reject. Without `keepAliveMs` it is the last answer on its connection.
 */
export function toAnswerHead(
  { status, headers }: Answer,
  bodyBytes: number,
  { nowMs, keepAliveMs }: { nowMs: number; keepAliveMs: number | undefined },
): string | undefined {
  for (const name in headers) if (!isFieldText.test(headers[name] ?? '')) return undefined;
  const start = toHeadStart(status, headers);
  const end = keepAliveMs === undefined ? toLastHeadEnd(nowMs) : headEndOf(nowMs, keepAliveMs);
  return `${start}${status === 204 ? '' : `content-length: ${bodyBytes}\r\n`}${end}`;
}

interface Turn {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * Whether an answer can be written to the socket in place of `response`: it is this answer's turn,
 * and the client does not expect 100 Continue.
 */
export function isPlainTurn({ request, response }: Turn): boolean {
  // A pipelined response whose turn has not come has no socket yet.
  const { socket } = response;
  if (socket === null || !socket.writable || socket.writableLength > unreadBytesMax) return false;
  if (response.headersSent || response.destroyed) return false;
  const { httpVersion, method } = request;
  if ((httpVersion !== '1.1' && httpVersion !== '1.0') || method === 'HEAD') return false;
  return rawHeader(request.rawHeaders, 'expect') === undefined;
}

/**
 * Writes the bytes in place of `response`. Returns false, having done nothing, if that is not
 * possible: it is not this answer's turn, the connection ends with it, or the request has a body
 * that is long, of unknown length, or awaits 100 Continue.
 */
export function writeBytes(turn: Turn, bytes: () => Buffer): boolean {
  const { request, response } = turn;
  if (!response.shouldKeepAlive || request.httpVersion !== '1.1') return false;
  if (!isPlainTurn(turn) || !hasSmallBody(request)) return false;
  response.socket?.write(bytes());
  // This event alone makes Node end the exchange: it discards the body and starts the next
  // response.
  response.emit('finish');
  return true;
}
