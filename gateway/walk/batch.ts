/**
 * Takes apart a request with several operations (a JSON list, as batching clients send it). Each
 * operation gets a walk of its own, with its own record, charges, limits and permits; only the
 * caller is identified once. The only decision here is how many operations a list may hold.
 *
 * The request's own walk continues with the first operation, and a request refused before its body
 * is read is answered like any other. A list that is empty, too long or invalid is passed on
 * unchanged, and the walk refuses it, as it does a list inside a list.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { Refusal } from '../decision.ts';
import type { Gateway, Inbound, Send, TakeText } from '../gateway-options.ts';
import type { Caller } from '../request.ts';
import { type Answer, toSharedRefusalAnswer } from '../shape/answer.ts';
import { splitList } from './batch-split.ts';

export interface BatchOptions {
  /** Most operations in one request; 0: lists are refused. */
  readonly operationsMax: number;
}

/** A gateway that accepts lists; any other request is passed on unchanged. */
export function createBatching(gateway: Gateway, { operationsMax }: BatchOptions): Gateway {
  if (operationsMax === 0) return gateway;
  return {
    handle(inbound, send) {
      // Created only when a list is found, because few requests hold one.
      let batch: BatchAnswer | undefined;
      const first: Send = (answer) =>
        batch === undefined ? send(answer) : batch.collect(0, answer);
      const takeText: TakeText = (text, caller) => {
        const texts = isList(text) ? splitList(text, operationsMax) : undefined;
        if (texts === undefined) return text;
        batch = new BatchAnswer(gateway, inbound, send);
        return batch.take(texts, caller);
      };
      let walked: Promise<void>;
      try {
        walked = gateway.handle(inbound, first, takeText);
      } catch (error) {
        // Without a list the error is thrown on: that ends the connection, which a rejection would
        // not.
        if (batch === undefined) throw error;
        walked = Promise.reject(error);
      }
      return endedWith(walked, () => batch);
    },
  };
}

/** Resolves when the walk is over, and those of the other operations. */
async function endedWith(walked: Promise<void>, batchOf: () => BatchAnswer | undefined) {
  try {
    await walked;
  } finally {
    const batch = batchOf();
    batch?.isOver(0);
    await batch?.ended();
  }
}

/** Whether the first character other than whitespace is a bracket. */
function isList(text: string): boolean {
  let index = 0;
  while (blanks.has(text.charCodeAt(index))) index += 1;
  return text.charCodeAt(index) === openingBracket;
}

const openingBracket = 0x5b;
const blanks: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** A body that is already in memory. */
async function* bodyOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

/** The same request with another body; headers and signal are still created on first use. */
function withBody(inbound: Inbound, body: Inbound['body'], caller: Caller): Inbound {
  const { method, path, search, rawHeaders, peer } = inbound;
  return {
    method,
    path,
    search,
    rawHeaders,
    peer,
    caller,
    body,
    get headers() {
      return inbound.headers;
    },
    get signal() {
      return inbound.signal;
    },
  };
}

const lost = new Refusal('gateway/internal');

/** Runs the walks of one list, and joins their answers. */
class BatchAnswer {
  readonly #gateway: Gateway;
  readonly #inbound: Inbound;
  readonly #send: Send;
  #others: Promise<void> | undefined;
  #answers: (Answer | undefined)[] = [];
  #missing = 0;
  readonly #failures: unknown[] = [];
  readonly #sent = Promise.withResolvers<{ aborted: boolean }>();

  constructor(gateway: Gateway, inbound: Inbound, send: Send) {
    this.#gateway = gateway;
    this.#inbound = inbound;
    this.#send = send;
  }

  /** Starts the walks of all operations but the first, and returns the text of that one. */
  take(texts: readonly string[], caller: Caller): string {
    const [own = '', ...others] = texts;
    this.#missing = texts.length;
    this.#answers = texts.map(() => undefined);
    this.#others = this.#walkAll(others, caller);
    return own;
  }

  /** Each starts in its own turn of the event loop, so that other requests are served between. */
  async #walkAll(texts: readonly string[], caller: Caller): Promise<void> {
    const walks: Promise<void>[] = [];
    for (const [index, text] of texts.entries()) {
      await turn();
      walks.push(this.#walk(index + 1, withBody(this.#inbound, bodyOf(text), caller)));
    }
    await Promise.all(walks);
  }

  async #walk(index: number, inbound: Inbound): Promise<void> {
    try {
      await this.#gateway.handle(inbound, (answer) => this.collect(index, answer));
    } catch (error) {
      this.#failures.push(error);
    } finally {
      this.isOver(index);
    }
  }

  /** The walk of an operation has ended; without an answer it must not keep the others waiting. */
  isOver(index: number): void {
    if (this.#answers[index] !== undefined) return;
    this.collect(index, toSharedRefusalAnswer(lost)).catch(() => {
      // The failure is reported to the walks that have an answer.
    });
  }

  /** Resolves when all other walks are over; rejects with the first fault of one. */
  async ended(): Promise<void> {
    await this.#others;
    if (this.#failures.length > 0) throw this.#failures[0];
  }

  /** Resolves when the joint answer is sent: no walk is over before. */
  collect(index: number, answer: Answer): Promise<{ aborted: boolean }> {
    this.#answers[index] = answer;
    this.#missing -= 1;
    if (this.#missing === 0) this.#sendAll().then(this.#sent.resolve, this.#sent.reject);
    return this.#sent.promise;
  }

  async #sendAll(): Promise<{ aborted: boolean }> {
    return await this.#send(
      toListAnswer(this.#answers.flatMap((one) => (one === undefined ? [] : [one]))),
    );
  }
}

/**
 * One list, in the order of the operations. The status is always 200, as batching clients expect;
 * each entry holds its own errors.
 */
function toListAnswer(answers: readonly Answer[]): Answer {
  const [first] = answers;
  if (first === undefined) throw new Error('a list of answers without an answer');
  // A challenge belongs to a 401.
  const { 'www-authenticate': _challenge, ...headers } = first.headers;
  const waits = answers.flatMap(({ headers }) => headers['retry-after'] ?? []).map(Number);
  return {
    status: 200,
    headers: {
      ...headers,
      'content-type': 'application/json; charset=utf-8',
      ...(waits.length === 0 ? {} : { 'retry-after': String(Math.max(...waits)) }),
    },
    body: `[${answers.map(({ body }) => body).join(',')}]`,
  };
}
