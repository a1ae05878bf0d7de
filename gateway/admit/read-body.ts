/**
 * Reads a request's body into memory, up to a size and a deadline. Received bytes are counted,
 * whatever Content-Length says. I/O of admit; fails closed.
 *
 * A Node stream is read by its events, which cost a fraction of its iterator; anything else is
 * iterated.
 */
import { Readable } from 'node:stream';
import { Refusal } from '../decision.ts';
import type { StopSignal } from '../time/stop-signal.ts';

const firstBytes = 16_384;

const goneCodes: ReadonlySet<unknown> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
  'ABORT_ERR',
]);

export interface ReadBodyOptions {
  readonly bytesMax: number;
  readonly deadline: StopSignal;
}

/**
 * The body, or `admit/body-too-large` at the first byte over the limit, `admit/body-timeout` when
 * `deadline` aborts, `gateway/closed-by-caller` when the client disconnects. After a refusal the
 * stream is left as it is: the caller of this function answers, then closes the connection.
 */
export function readBody(
  stream: AsyncIterable<Uint8Array>,
  options: ReadBodyOptions,
): Promise<Uint8Array | Refusal> {
  return stream instanceof Readable ? readEvents(stream, options) : readSteps(stream, options);
}

/** The bytes received so far. A body in one chunk, the usual case, is not copied. */
class Collected {
  readonly #bytesMax: number;
  #body: Uint8Array | undefined;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Returns false at the first byte over the limit. */
  add(chunk: Uint8Array): boolean {
    if (chunk.byteLength === 0) return true;
    const bytes = this.#bytes;
    const total = bytes + chunk.byteLength;
    if (total > this.#bytesMax) return false;
    this.#bytes = total;
    if (this.#body === undefined) {
      this.#body = chunk;
      return true;
    }
    // One growing block: a client that sends single bytes must not cost an object for each.
    if (total > this.#body.byteLength) {
      this.#body = grow(this.#body, Math.min(this.#bytesMax, Math.max(firstBytes, total * 2)));
    }
    this.#body.set(chunk, bytes);
    return true;
  }

  whole(): Uint8Array {
    const body = this.#body ?? nothing;
    return body.byteLength === this.#bytes ? body : body.subarray(0, this.#bytes);
  }
}

const nothing = new Uint8Array(0);

function grow(body: Uint8Array, bytes: number): Uint8Array {
  const larger = new Uint8Array(bytes);
  larger.set(body);
  return larger;
}

function readEvents(
  stream: Readable,
  { bytesMax, deadline }: ReadBodyOptions,
): Promise<Uint8Array | Refusal> {
  return new Promise((resolve, reject) => {
    const collected = new Collected(bytesMax);
    const settle = (outcome: Uint8Array | Refusal): void => {
      stop();
      resolve(outcome);
    };
    const refuse = (refusal: Refusal): void => {
      // Before the listener is removed, or the rest would be discarded.
      stream.pause();
      settle(refusal);
    };
    const onData = (chunk: Uint8Array): void => {
      if (!collected.add(chunk)) refuse(new Refusal('admit/body-too-large'));
    };
    const onEnd = (): void => settle(collected.whole());
    const onAbort = (): void => refuse(new Refusal('admit/body-timeout'));
    const onGone = (): void => settle(new Refusal('gateway/closed-by-caller'));
    const onError = (error: unknown): void => {
      if (isGone(error)) onGone();
      else {
        stop();
        reject(error);
      }
    };
    const stop = (): void => {
      stream.off('data', onData).off('end', onEnd).off('error', onError).off('close', onGone);
      deadline.removeEventListener('abort', onAbort);
    };
    if (deadline.aborted) onAbort();
    else if (stream.readableEnded) onEnd();
    else if (stream.destroyed) onGone();
    else {
      deadline.addEventListener('abort', onAbort);
      stream.on('error', onError).on('close', onGone).on('end', onEnd).on('data', onData);
    }
  });
}

async function readSteps(
  stream: AsyncIterable<Uint8Array>,
  { bytesMax, deadline }: ReadBodyOptions,
): Promise<Uint8Array | Refusal> {
  const late = createLateness(deadline);
  // Not `for await`: leaving that loop destroys the stream, and the socket needed for the response.
  const chunks = stream[Symbol.asyncIterator]();
  const collected = new Collected(bytesMax);
  try {
    for (;;) {
      const step = await Promise.race([late.refusal, chunks.next()]);
      if (step instanceof Refusal) return step;
      if (step.done) return collected.whole();
      if (!collected.add(step.value)) return new Refusal('admit/body-too-large');
    }
  } catch (error) {
    if (isGone(error)) return new Refusal('gateway/closed-by-caller');
    throw error;
  } finally {
    late.stop();
  }
}

function createLateness(deadline: StopSignal): { refusal: Promise<Refusal>; stop: () => void } {
  const { promise, resolve } = Promise.withResolvers<Refusal>();
  const onAbort = (): void => resolve(new Refusal('admit/body-timeout'));
  if (deadline.aborted) onAbort();
  else deadline.addEventListener('abort', onAbort, { once: true });
  return { refusal: promise, stop: () => deadline.removeEventListener('abort', onAbort) };
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && goneCodes.has(error.code);
}
