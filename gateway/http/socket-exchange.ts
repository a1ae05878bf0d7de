/**
 * A request from a socket, and the delivery of its answer: how many answers its connection owes,
 * whose turn it is, which clients stopped reading, and what is still received after a refusal.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { rawHeader } from '../admit/raw-header.ts';
import type { Refusal } from '../decision.ts';
import type { Inbound } from '../gateway-options.ts';
import type { Answer } from '../shape/answer.ts';
import { type Deferred, turnEndQueue } from '../time/turn-end.ts';
import { isPlainTurn, toAnswerBytes, toAnswerHead, writeBytes } from './answer-bytes.ts';
import { toCertificateHash } from './client-certificate.ts';
import { toHeaderList, toTextHeaders } from './exchange-headers.ts';
import type { ExchangeMeans } from './exchange-means.ts';
import { type Owed, takeOwed } from './owed-answers.ts';
import { hasSmallBody } from './small-body.ts';
import { malformed } from './unread-request.ts';

/** How long a connection may be idle between two requests. */
export const keepAliveMs = 65_000;

/** An answer written to the socket directly, bypassing the response. */
interface Departing {
  readonly socket: Socket | null;
  readonly head: string;
  readonly body: Body;
}

/** The encoding is that of a string. */
type Body = readonly [content: string | Buffer, encoding: BufferEncoding];

/** One request and its answer. Headers and signal are created on first use, for cheap refusals. */
export class SocketExchange implements Inbound, Deferred {
  readonly method: string;
  readonly path: string;
  readonly search: string;
  readonly rawHeaders: readonly string[];
  readonly peer: string;
  readonly body: IncomingMessage;
  readonly protocolRefusal: Refusal | undefined;
  readonly #response: ServerResponse;
  readonly #means: ExchangeMeans;
  #headers: Record<string, string> | undefined;
  #hungUp: AbortController | undefined;
  #onHangUp: (() => void) | undefined;
  #written: ((outcome: { aborted: boolean }) => void) | undefined;
  #owed: Owed | undefined;
  #isThrownAway = false;
  #stallPlace = 0;
  #lingerPlace = 0;
  #departing: Departing | undefined;
  /** Whether the operating system has accepted an answer that bypassed the response. */
  #isTaken = false;

  constructor(request: IncomingMessage, response: ServerResponse, means: ExchangeMeans) {
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    this.method = request.method ?? '';
    this.path = mark < 0 ? url : url.slice(0, mark);
    this.search = mark < 0 ? '' : url.slice(mark + 1);
    this.rawHeaders = request.rawHeaders;
    this.peer = request.socket.remoteAddress ?? '';
    this.body = request;
    this.protocolRefusal = isWhole(request) ? undefined : malformed;
    this.#response = response;
    this.#means = means;
  }

  get headers(): Record<string, string> {
    this.#headers ??= toTextHeaders(this.body);
    return this.#headers;
  }

  get clientCertificate(): string | undefined {
    return toCertificateHash(this.body.socket);
  }

  get signal(): AbortSignal {
    this.#hungUp ??= new AbortController();
    if (this.#isHungUp()) this.#hungUp.abort();
    return this.#hungUp.signal;
  }

  onHangUp(listener: () => void): void {
    if (this.#isHungUp()) listener();
    else this.#onHangUp = listener;
  }

  #isHungUp(): boolean {
    return this.#response.destroyed && !this.#isWritten();
  }

  #isWritten(): boolean {
    return this.#isTaken || this.#response.writableFinished;
  }

  /** False, with the connection destroyed, if it owes too many answers. */
  mayBeOwed(all: WeakMap<Socket, Owed>): boolean {
    this.#owed = takeOwed(this.body.socket, all);
    return this.#owed !== undefined;
  }

  /** Whether no other request on the connection awaits its answer. */
  isLast(): boolean {
    return (this.#owed?.count ?? 0) <= 1;
  }

  /** Counts the answer as owed; a request turned away already has its answer. */
  owe(): void {
    const owed = this.#owed;
    if (owed === undefined) return;
    owed.count += 1;
    if (this.#response.socket === null) {
      owed.waiting ??= new Set();
      owed.waiting.add(this.#response);
    }
    // Not `once`, which wraps and unwraps per request; `#closed` ignores a second event.
    this.#response.on('close', () => this.#closed());
  }

  turnAway(answer: Answer, nowMs: number): boolean {
    const beganMs = performance.now();
    const bytes = () => toAnswerBytes(answer, nowMs, keepAliveMs);
    if (!writeBytes({ request: this.body, response: this.#response }, bytes)) {
      return false;
    }
    this.#owed = undefined;
    if (answer.status === 503) {
      this.#means.holdBack.add(this.body.socket, performance.now() - beganMs);
    }
    return true;
  }

  /** The operating system has the answer, or the client has disconnected. */
  #closed(): void {
    if (this.#owed === undefined) return;
    this.#owed.count -= 1;
    this.#owed.waiting?.delete(this.#response);
    // An earlier head may have promised keep-alive.
    if (this.#owed.count === 0 && this.#means.cutsIdle()) this.body.socket.destroySoon();
    this.#owed = undefined;
    const aborted = !this.#isWritten();
    if (this.#written !== undefined) {
      this.#means.stalls.delete(this.#response, this.#stallPlace);
      this.#written({ aborted });
    }
    if (this.#isThrownAway) this.#stopLingering();
    if (!aborted) return;
    this.#onHangUp?.();
    this.#hungUp?.abort();
  }

  /** Discards a refused upload: if cut now, its client might not read the answer. */
  #throwAway(): void {
    this.#isThrownAway = true;
    this.body.resume();
    this.#lingerPlace = this.#means.lingering.add(this.body);
  }

  /** Usually the discarded body has ended by the time its answer is sent. */
  #stopLingering(): void {
    const { lingering } = this.#means;
    const request = this.body;
    const place = this.#lingerPlace;
    if (request.complete || request.destroyed) lingering.delete(request, place);
    else request.once('close', () => lingering.delete(request, place));
  }

  /**
   * Resolves when the operating system has the answer or the client has disconnected. Throws, and
   * cuts the connection, if a header has illegal characters.
   */
  write(answer: Answer): Promise<{ aborted: boolean }> {
    const request = this.body;
    const response = this.#response;
    if (response.destroyed) return Promise.resolve({ aborted: true });
    // In a flood the connection is kept, because refusing is cheaper than new connections.
    if (this.protocolRefusal !== undefined) response.shouldKeepAlive = false;
    const { promise, resolve } = Promise.withResolvers<{ aborted: boolean }>();
    this.#written = resolve;
    const bytes = answer.bodyBytes ?? Buffer.byteLength(answer.body);
    // For ASCII both encodings are the same bytes, and this one is cheaper.
    const encoding = bytes === answer.body.length ? 'latin1' : 'utf8';
    const body: Body = [answer.utf8 ?? answer.body, encoding];
    const head = this.#toHead(answer, bytes);
    if (head === undefined) {
      this.#writeAsNode(answer, bytes, body);
    } else {
      this.#departing = { socket: response.socket, head, body };
      turnEndQueue.atTurnEnd(this);
    }
    this.#stallPlace = this.#means.stalls.add(response);
    if (!request.complete) this.#throwAway();
    return promise;
  }

  /** If the socket has closed since, the write reports that like any other failure. */
  flush(): void {
    const departing = this.#departing;
    this.#departing = undefined;
    if (departing === undefined) return;
    const { socket, head, body } = departing;
    const [content, encoding] = body;
    const taken = (fault: Error | null | undefined): void => this.#taken(fault);
    try {
      if (typeof content === 'string') {
        socket?.write(head + content, encoding, taken);
      } else {
        // Together: each write wakes the client.
        socket?.cork();
        socket?.write(head, 'latin1');
        socket?.write(content, taken);
        socket?.uncork();
      }
    } catch (error) {
      // Otherwise the waiter of this answer would never be settled.
      socket?.destroy();
      throw error;
    }
  }

  #writeAsNode(answer: Answer, bytes: number, body: Body): void {
    const response = this.#response;
    try {
      response.writeHead(answer.status, toHeaderList(answer, bytes, isUnread(this.body)));
    } catch (error) {
      // Node rejected a header; otherwise the waiter of this answer would never be settled.
      this.body.socket.destroy();
      throw error;
    }
    response.end(...body);
  }

  /**
   * The head of an answer to write directly, for requests received in full: Node's own path costs
   * far more, and would treat a connection as idle while its answer is in transit.
   */
  #toHead(answer: Answer, bytes: number): string | undefined {
    if (!this.body.complete || !isPlainTurn({ request: this.body, response: this.#response })) {
      return undefined;
    }
    const isLast = !this.#response.shouldKeepAlive;
    const means = { nowMs: Date.now(), keepAliveMs: isLast ? undefined : keepAliveMs };
    return toAnswerHead(answer, bytes, means);
  }

  #taken(fault: Error | null | undefined): void {
    // A failed socket closes, and with it the response.
    if (fault) return;
    this.#isTaken = true;
    // This event alone makes Node end the exchange and start the next response.
    this.#response.emit('finish');
    if (!this.#response.shouldKeepAlive) this.body.socket.destroySoon();
  }
}

/**
 * No request may have two Hosts, and one of HTTP/1.1 must have one (RFC 9112, 3.2). HTTP/1.0 has no
 * chunked coding: a proxy of that version would see the body end elsewhere (6.1). Node's parser
 * also accepts 0.9 and 2.0 in a request line, which are other protocols.
 */
function isWhole({ httpVersion, rawHeaders }: IncomingMessage): boolean {
  const isOld = httpVersion === '1.0';
  if (!isOld && httpVersion !== '1.1') return false;
  if (isOld && rawHeader(rawHeaders, 'transfer-encoding') !== undefined) return false;
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts === 1 || (isOld && hosts === 0);
}

/** A small body is read to its end, so that a refusal does not cost the client its connection. */
const isUnread = (request: IncomingMessage): boolean => !request.complete && !hasSmallBody(request);
