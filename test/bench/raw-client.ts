/**
 * The cheapest client that still checks its answers: raw sockets, requests as bytes. What a client
 * costs is taken from what it measures, where both share a machine.
 */
import { connect, type Socket } from 'node:net';

export interface Sample {
  /** 0: no answer, or not a whole one. */
  readonly status: number;
  readonly retryAfter: boolean;
  /** From the moment that the request was due. */
  readonly tookMs: number;
  /** From the moment that it was due and the connection was there. */
  readonly connectedMs: number;
}

export interface RawClientOptions {
  readonly port: number;
  readonly localAddress?: string;
  /** Whether a body with status 200 is what was asked for. */
  readonly isWhole: (body: string) => boolean;
}

/** One connection, one request at a time. */
export class RawConnection {
  readonly #socket: Socket;
  readonly #options: RawClientOptions;
  readonly #gone: () => void;
  #text = '';
  #dueMs = 0;
  #connectedAtMs = 0;
  #done: ((sample: Sample) => void) | undefined;
  isOpen = true;

  /** @param gone runs once when the connection has ended, whoever ended it */
  constructor(options: RawClientOptions, gone: () => void = () => undefined) {
    const { port, localAddress } = options;
    this.#options = options;
    this.#gone = gone;
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      ...(localAddress !== undefined && { localAddress }),
    });
    this.#socket.on('connect', () => {
      this.#connectedAtMs = performance.now();
    });
    this.#socket.on('data', (chunk) => this.#take(chunk.toString('latin1')));
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => this.#ended());
  }

  /** The one before it must have been answered. */
  ask(bytes: string, dueMs: number, done: (sample: Sample) => void): void {
    this.#dueMs = dueMs;
    this.#done = done;
    this.#socket.write(bytes, 'latin1');
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(text: string): void {
    this.#text = this.#text === '' ? text : this.#text + text;
    const headEnd = this.#text.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const head = this.#text.slice(0, headEnd).toLowerCase();
    const length = Number(/content-length: (\d+)/.exec(head)?.[1]);
    const body = this.#text.slice(headEnd + 4);
    if (body.length < length) return;
    this.#text = '';
    const status = Number(head.slice(9, 12));
    const isWhole = body.length === length && (status !== 200 || this.#options.isWhole(body));
    this.#answer(isWhole ? status : 0, head.includes('retry-after: '));
  }

  #answer(status: number, retryAfter: boolean): void {
    const done = this.#done;
    this.#done = undefined;
    if (done === undefined) return;
    const nowMs = performance.now();
    const fromMs = Math.max(this.#connectedAtMs, this.#dueMs);
    done({ status, retryAfter, tookMs: nowMs - this.#dueMs, connectedMs: nowMs - fromMs });
  }

  #ended(): void {
    this.isOpen = false;
    this.#answer(0, false);
    this.#gone();
  }
}

/** As many connections as asked for; one that ends is opened anew. */
export class RawPool {
  readonly #options: RawClientOptions;
  readonly #free: RawConnection[] = [];
  readonly #all = new Set<RawConnection>();
  #isClosed = false;

  constructor(options: RawClientOptions, connections: number) {
    this.#options = options;
    for (let count = 0; count < connections; count += 1) this.#open();
  }

  /** False where every connection waits for an answer. */
  ask(bytes: string, dueMs: number, done: (sample: Sample) => void): boolean {
    let connection = this.#free.shift();
    while (connection?.isOpen === false) connection = this.#free.shift();
    if (connection === undefined) return false;
    const one = connection;
    one.ask(bytes, dueMs, (sample) => {
      if (one.isOpen) this.#free.push(one);
      done(sample);
    });
    return true;
  }

  close(): void {
    this.#isClosed = true;
    for (const one of this.#all) one.close();
  }

  #open(): void {
    const one = new RawConnection(this.#options, () => {
      this.#all.delete(one);
      if (!this.#isClosed) this.#open();
    });
    this.#all.add(one);
    this.#free.push(one);
  }
}
