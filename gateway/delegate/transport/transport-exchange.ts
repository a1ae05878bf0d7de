/**
 * One HTTP exchange, driven by undici's events: checks the head, counts the body as it arrives, and
 * aborts at the first thing that an upstream may not do.
 *
 * Fails closed: redirects, content encodings, bodies over the limit and invalid UTF-8 become an
 * UpstreamFailure. Settles once; `whenDone` runs once, when undici has released the request.
 */
import type { Dispatcher } from 'undici';
import { forbiddenAddress } from '../../addresses/special-addresses.ts';
import { UpstreamFailure, type UpstreamFailureKind } from '../../errors.ts';
import type { UpstreamAnswer } from '../upstream.ts';

type Head = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

const firstBufferBytes = 16_384;
const nothing = Buffer.alloc(0);
const timeoutCodes = new Set([
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'ETIMEDOUT',
]);

const addressRefused =
  'address refused: the host name of `url` leads into a private network, which only `privateNetwork: true` allows';

export interface ExchangeOptions {
  readonly upstream: string;
  readonly responseBytesMax: number;
  readonly whenDone?: () => void;
}

export class Exchange implements Dispatcher.DispatchHandler {
  readonly answer: Promise<UpstreamAnswer>;
  status = 0;
  receivedBytes = 0;
  readonly #options: ExchangeOptions;
  readonly #settle: PromiseWithResolvers<UpstreamAnswer>;
  #controller: Dispatcher.DispatchController | undefined;
  #stopped: UpstreamFailure | undefined;
  #isSettled = false;
  #done = false;
  #contentType = '';
  #body: Buffer = nothing;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#settle = Promise.withResolvers();
    this.answer = this.#settle.promise;
  }

  /** Called once, before the answer is resolved or rejected. */
  protected settled(_failure: UpstreamFailure | undefined): void {
    // For subclasses that record the exchange.
  }

  /** Ends the exchange with a failure, unless it has ended; later events are ignored. */
  stop(kind: UpstreamFailureKind, why?: string): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#stopped = new UpstreamFailure({ upstream: this.#options.upstream, kind, why });
    this.settled(this.#stopped);
    this.#settle.reject(this.#stopped);
    this.#controller?.abort(this.#stopped);
  }

  /** Whether the request should still be sent; if it was stopped before, it is released now. */
  protected mayDepart(): boolean {
    if (this.#stopped === undefined) return true;
    this.letGo();
    return false;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#stopped !== undefined) controller.abort(this.#stopped);
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, head: Head): void {
    if (status < 200) return;
    this.status = status;
    this.#contentType = mediaType(head['content-type']);
    const refused = refuseHead(status, head, this.#options.responseBytesMax);
    if (refused !== undefined) this.stop(refused);
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#stopped !== undefined) return;
    const end = this.receivedBytes + chunk.length;
    if (end > this.#options.responseBytesMax) {
      this.#body = nothing;
      this.stop('answer too large');
    } else if (this.receivedBytes === 0) {
      // Most bodies arrive in one chunk, which is not shared.
      this.#body = chunk;
    } else {
      this.#reserve(end);
      chunk.copy(this.#body, this.receivedBytes);
    }
    this.receivedBytes = end;
  }

  onResponseEnd(): void {
    this.letGo();
    if (this.#stopped !== undefined) return;
    const body = decodeUtf8(this.#body.subarray(0, this.receivedBytes));
    if (body === undefined) {
      this.stop('answer is not UTF-8');
      return;
    }
    this.#isSettled = true;
    this.settled(undefined);
    this.#settle.resolve({ status: this.status, contentType: this.#contentType, body });
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.letGo();
    const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
    if (timeoutCodes.has(code)) this.stop('timeout');
    if (code === forbiddenAddress) this.stop('other', addressRefused);
    const why = describeBreak(error, code, this.status);
    this.stop('connection failed', why === undefined ? undefined : `connection failed (${why})`);
  }

  /** One growing buffer: an upstream that sends single bytes must not cost an object for each. */
  #reserve(bytes: number): void {
    if (bytes <= this.#body.length) return;
    const size = Math.max(firstBufferBytes, bytes, this.#body.length * 2);
    const larger = Buffer.allocUnsafe(Math.min(size, this.#options.responseBytesMax));
    this.#body.copy(larger, 0, 0, this.receivedBytes);
    this.#body = larger;
  }

  /** undici has released the request, or never received it. */
  protected letGo(): void {
    if (this.#done) return;
    this.#done = true;
    this.#options.whenDone?.();
  }
}

/** Faults of an upstream that undici tells apart by its messages alone. */
const breaks: ReadonlyMap<string, string> = new Map([
  ['bad response', 'answered with 100 Continue, unasked'],
  ['bad upgrade', 'answered with another protocol'],
]);

/** Never quotes undici's message, which can contain addresses and header values. */
function describeBreak(error: Error, code: string, status: number): string | undefined {
  // A head that undici cannot read leaves the body that its length announces unread.
  const isBadHead = status === 0 && code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH';
  if (isBadHead || error.name === 'HTTPParserError') return 'answer is not HTTP';
  return breaks.get(error.message) ?? (/^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? code : undefined);
}

function refuseHead(status: number, head: Head, bytesMax: number): UpstreamFailureKind | undefined {
  if (status >= 300 && status < 400) return 'redirect refused';
  const encoding = String(head['content-encoding'] ?? 'identity');
  if (encoding.trim().toLowerCase() !== 'identity') return 'content encoding refused';
  return Number(head['content-length'] ?? 0) > bytesMax ? 'answer too large' : undefined;
}

function mediaType(header: string | string[] | undefined): string {
  const first = Array.isArray(header) ? header[0] : header;
  return (first ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function decodeUtf8(bytes: Buffer): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
