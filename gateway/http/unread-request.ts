/**
 * Handles what never became a request: failed handshakes, bytes that are not HTTP, headers too
 * large or too slow, requests for a tunnel. Node would answer or drop them itself, bypassing every
 * rule and the audit record.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Refusal } from '../decision.ts';
import type { Inbound } from '../gateway-options.ts';
import type { Answer } from '../shape/answer.ts';
import { toAnswerHead } from './answer-bytes.ts';

export const malformed = new Refusal('admit/http-malformed');
const tooLarge = new Refusal('admit/headers-too-large');
const notSecured = new Refusal('admit/tls-handshake');
const tooSlow = new Refusal('admit/request-timeout');
const noTunnel = new Refusal('admit/method');

/** Classifies a `clientError` of the handshake; undefined after it, or if it was aborted. */
export function handshakeFailureOf(
  error: Error,
  { bytesRead }: Pick<Socket, 'bytesRead'>,
): Refusal | undefined {
  const { code = '' } = error as { code?: string };
  if (bytesRead > 0) return undefined;
  if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return tooSlow;
  return code.startsWith('ERR_SSL_') ? notSecured : undefined;
}

/**
 * Classifies a `clientError` after the handshake. `gone`: nothing was sent, or the connection
 * broke. `after`: data behind a request that was the last; its answer is still sent. `owed`:
 * answers that the connection is owed.
 */
export function unreadOf(
  error: Error,
  { bytesRead }: Pick<Socket, 'bytesRead'>,
  owed: number,
): Refusal | 'gone' | 'after' {
  const { code = '' } = error as { code?: string };
  if (bytesRead === 0) return 'gone';
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      // A request whose body is late is on its walk, and has a record already.
      return owed === 0 ? tooSlow : 'gone';
    case 'HPE_HEADER_OVERFLOW':
      return tooLarge;
    case 'HPE_CLOSED_CONNECTION':
      return 'after';
    case 'HPE_INVALID_EOF_STATE':
      return 'gone';
  }
  return code.startsWith('HPE_') ? malformed : 'gone';
}

/** What never became a request, refused like one. The refusal ends its connection. */
export class UnreadRequest implements Inbound {
  readonly protocolRefusal: Refusal;
  readonly method: string;
  readonly path = '';
  readonly search = '';
  readonly rawHeaders: readonly string[];
  readonly headers = {};
  readonly peer: string;
  readonly body = nothing();
  readonly signal = new AbortController().signal;
  readonly #socket: Socket;
  readonly #mayAnswer: boolean;

  /** `mayAnswer`: false if another answer is due first, for which this one would be mistaken. */
  constructor(
    socket: Socket,
    {
      unread,
      mayAnswer,
      request,
    }: { unread: Refusal; mayAnswer: boolean; request?: IncomingMessage },
  ) {
    this.protocolRefusal = unread;
    this.method = request?.method ?? '';
    this.rawHeaders = request?.rawHeaders ?? [];
    this.peer = socket.remoteAddress ?? '';
    this.#socket = socket;
    this.#mayAnswer = mayAnswer;
  }

  static tunnel(request: IncomingMessage, mayAnswer: boolean): UnreadRequest {
    return new UnreadRequest(request.socket, { unread: noTunnel, mayAnswer, request });
  }

  turnAway(answer: Answer, nowMs: number): boolean {
    this.#end(answer, nowMs);
    return true;
  }

  write(answer: Answer): Promise<{ aborted: boolean }> {
    return Promise.resolve({ aborted: !this.#end(answer, Date.now()) });
  }

  /** Returns whether the answer was sent. */
  #end(answer: Answer, nowMs: number): boolean {
    const socket = this.#socket;
    const bytes = Buffer.byteLength(answer.body);
    const head = toAnswerHead(answer, bytes, { nowMs, keepAliveMs: undefined });
    const isSent = this.#mayAnswer && socket.writable && head !== undefined;
    if (isSent) socket.write(head + answer.body);
    socket.destroySoon();
    return isSent;
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // There is no body to read.
}
