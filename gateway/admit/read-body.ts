/**
 * Reads a request's body into memory, up to a size and a deadline. Bytes are counted as they come,
 * whatever Content-Length promised. I/O of admit; fails closed.
 */
import { Refusal } from '../decision.ts';

const firstBytes = 16_384;

const goneCodes: ReadonlySet<unknown> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
  'ABORT_ERR',
]);

/**
 * The body, or `admit/body-too-large` at the first byte too many, `admit/body-timeout` when
 * `deadline` aborts, `gateway/closed-by-caller` when the caller goes. After a refusal the stream
 * stands where it was left: the caller of this answers, then closes the connection.
 */
export async function readBody(
  stream: AsyncIterable<Uint8Array>,
  { bytesMax, deadline }: { bytesMax: number; deadline: AbortSignal },
): Promise<Uint8Array | Refusal> {
  const late = createLateness(deadline);
  // Not `for await`: leaving that loop destroys the stream, and the socket the answer needs.
  const chunks = stream[Symbol.asyncIterator]();
  let body: Uint8Array = new Uint8Array(Math.min(bytesMax, firstBytes));
  let bytes = 0;
  try {
    for (;;) {
      const step = await Promise.race([late.refusal, chunks.next()]);
      if (step instanceof Refusal) return step;
      if (step.done) return body.subarray(0, bytes);
      const total = bytes + step.value.byteLength;
      if (total > bytesMax) return new Refusal('admit/body-too-large');
      // One growing block: a caller that sends single bytes must not cost an object for each.
      if (total > body.byteLength) body = grow(body, Math.min(bytesMax, total * 2));
      body.set(step.value, bytes);
      bytes = total;
    }
  } catch (error) {
    if (isGone(error)) return new Refusal('gateway/closed-by-caller');
    throw error;
  } finally {
    late.stop();
  }
}

function createLateness(deadline: AbortSignal): { refusal: Promise<Refusal>; stop: () => void } {
  const { promise, resolve } = Promise.withResolvers<Refusal>();
  const onAbort = (): void => resolve(new Refusal('admit/body-timeout'));
  if (deadline.aborted) onAbort();
  else deadline.addEventListener('abort', onAbort, { once: true });
  return { refusal: promise, stop: () => deadline.removeEventListener('abort', onAbort) };
}

function grow(body: Uint8Array, bytes: number): Uint8Array {
  const larger = new Uint8Array(bytes);
  larger.set(body);
  return larger;
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && goneCodes.has(error.code);
}
