/**
 * Several operations in one request (a JSON list, as batching clients send it): taken apart in
 * front of the walk, so that each walks all of it by itself, with its own record, charges, limits
 * and place in flight; only who calls is found out once. Nothing is decided here but how many a
 * list may hold.
 *
 * The first operation is the request's own: a request that is refused before its body is read is
 * answered as any other. A list that is empty, too long, or no JSON goes on as it came, and the
 * walk refuses it; so it does with a list inside a list.
 */

import { bodyOf, PeekedBody } from './batch-body.ts';
import { splitList } from './batch-split.ts';
import type { Gateway, Inbound, Send, SharedByOperations } from './gateway-options.ts';
import type { Answer } from './shape/answer.ts';

export interface BatchOptions {
  /** Operations that one request may hold; 0: lists are refused. */
  readonly operationsMax: number;
  /** Bytes of the whole body, at the moment. */
  readonly bytesMax: () => number;
}

/** The gateway for requests that may hold lists; one without lists passes as it is. */
export function createBatching(gateway: Gateway, options: BatchOptions): Gateway {
  const { operationsMax } = options;
  if (operationsMax === 0) return gateway;
  return {
    handle(inbound, send) {
      if (inbound.method !== 'POST') return gateway.handle(inbound, send);
      const gathering = new Gathering(gateway, inbound, send);
      const body = new PeekedBody(inbound.body, {
        bytesMax: options.bytesMax(),
        take: (text) => gathering.take(splitList(text, operationsMax)),
      });
      return gathering.run(body);
    },
  };
}

/** The same request with another body; headers and signal are still made only when asked for. */
function withBody(inbound: Inbound, body: Inbound['body'], shared: SharedByOperations): Inbound {
  const { method, path, search, rawHeaders, peer } = inbound;
  return {
    method,
    path,
    search,
    rawHeaders,
    peer,
    shared,
    body,
    get headers() {
      return inbound.headers;
    },
    get signal() {
      return inbound.signal;
    },
  };
}

/** The walks of one request, and its one answer. */
class Gathering {
  private readonly gateway: Gateway;
  private readonly inbound: Inbound;
  private readonly send: Send;
  private readonly others: Promise<void>[] = [];
  private readonly shared: SharedByOperations = { caller: undefined };
  private answers: (Answer | undefined)[] = [];
  private missing = 0;
  private isAnswered = false;
  private readonly sent = Promise.withResolvers<{ aborted: boolean }>();

  constructor(gateway: Gateway, inbound: Inbound, send: Send) {
    this.gateway = gateway;
    this.inbound = inbound;
    this.send = send;
  }

  async run(body: Inbound['body']): Promise<void> {
    await this.gateway.handle(withBody(this.inbound, body, this.shared), (answer) => {
      this.isAnswered = true;
      return this.missing === 0 ? this.send(answer) : this.collect(0, answer);
    });
    if (this.others.length > 0) await Promise.all(this.others);
  }

  /** Starts the walks of all operations but the first, whose text it gives back. */
  take(texts: readonly string[] | undefined): string | undefined {
    // A body that comes to its end after its request was refused starts nothing.
    if (texts === undefined || this.isAnswered) return undefined;
    this.missing = texts.length;
    this.answers = texts.map(() => undefined);
    for (const [index, text] of texts.entries()) {
      if (index === 0) continue;
      const inbound = withBody(this.inbound, bodyOf(text), this.shared);
      this.others.push(this.gateway.handle(inbound, (answer) => this.collect(index, answer)));
    }
    return texts[0];
  }

  /** Resolves with all: no walk is over before the one answer is sent. */
  private collect(index: number, answer: Answer): Promise<{ aborted: boolean }> {
    this.answers[index] = answer;
    this.missing -= 1;
    if (this.missing === 0) {
      const all = this.answers.flatMap((one) => (one === undefined ? [] : [one]));
      this.missing = -1;
      this.send(toListAnswer(all)).then(this.sent.resolve, this.sent.reject);
    }
    return this.sent.promise;
  }
}

/**
 * One list in the order of the operations. Its status is 200 whatever became of them, as clients
 * that batch expect; each entry says for itself.
 */
function toListAnswer(answers: readonly Answer[]): Answer {
  const [first] = answers;
  if (first === undefined) throw new Error('a list of answers without an answer');
  const waits = answers.flatMap(({ headers }) => headers['retry-after'] ?? []).map(Number);
  return {
    status: 200,
    headers: {
      ...first.headers,
      'content-type': 'application/json; charset=utf-8',
      ...(waits.length === 0 ? {} : { 'retry-after': String(Math.max(...waits)) }),
    },
    body: `[${answers.map(({ body }) => body).join(',')}]`,
  };
}
