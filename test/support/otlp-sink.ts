/**
 * A strict OTLP/HTTP collector on a real socket: decodes what arrives with protobufjs, notes
 * everything that breaks the protocol in `complaints`, and on demand answers like a collector in
 * trouble. What it says it accepted is what a collector would have stored.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { decodeRequest, encodeResponse, type Signal } from './otlp-schema.ts';

export type Outcome =
  | { readonly kind: 'ok' }
  /** Accepts, and answers only after so long. */
  | { readonly kind: 'slow'; readonly ms: number }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string }
  | { readonly kind: 'redirect'; readonly location: string }
  /** 200 that refuses the items for which `rejects` holds (or so many, and accepts none). */
  | { readonly kind: 'partial'; readonly rejects: number | ((item: Item) => boolean) }
  /** 200 whose partial success refuses nothing: a warning. */
  | { readonly kind: 'warning' }
  /** The connection is reset, before or after the data was accepted. */
  | { readonly kind: 'reset'; readonly accepts: boolean }
  /** Accepts, sends half an answer, then says nothing more. */
  | { readonly kind: 'half' }
  /** Reads the request and never answers. */
  | { readonly kind: 'hang' };

/** A log record, span or metric as protobufjs decoded it. */
export type Item = Record<string, unknown>;

export interface OtlpRequest {
  readonly signal: Signal;
  readonly headers: IncomingMessage['headers'];
  /** The protobuf, decompressed: for `protoc --decode`. */
  readonly bytes: Buffer;
  readonly message: Record<string, unknown>;
  readonly items: readonly Item[];
  readonly outcome: Outcome['kind'];
}

export interface OtlpSink {
  /** The base URL, `http://127.0.0.1:4318`. */
  readonly url: string;
  readonly requests: readonly OtlpRequest[];
  /** Every breach of the protocol seen so far; a test ends by expecting none. */
  readonly complaints: readonly string[];
  /** Everything accepted, in order of arrival, per signal. */
  accepted(signal: Signal): readonly Item[];
  /** How the next requests are answered; a function is asked for each of them. */
  behave(outcome: Outcome | ((request: Omit<OtlpRequest, 'outcome'>) => Outcome)): void;
  /** Down: connections are cut and refused until `up`. */
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

const signals: Readonly<Record<string, Signal>> = {
  '/v1/logs': 'logs',
  '/v1/traces': 'traces',
  '/v1/metrics': 'metrics',
};

const requestBytesMax = 64 * 1024 * 1024;

/** @param path a prefix of the base URL, '' or '/otlp' */
export async function startOtlpSink(path = ''): Promise<OtlpSink> {
  const requests: OtlpRequest[] = [];
  const complaints: string[] = [];
  const accepted: Record<Signal, Item[]> = { logs: [], traces: [], metrics: [] };
  const sockets = new Set<Socket>();
  let behaviour: Outcome | ((request: Omit<OtlpRequest, 'outcome'>) => Outcome) = { kind: 'ok' };

  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await readRequest(incoming, path);
    const outcome = typeof behaviour === 'function' ? behaviour(request) : behaviour;
    requests.push({ ...request, outcome: outcome.kind });
    complaints.push(...request.items.flatMap((item) => itemFaults(request.signal, item)));
    accepted[request.signal].push(...acceptedOf(outcome, request.items));
    respond(outcome, request, response);
  };

  const listener = (incoming: IncomingMessage, response: ServerResponse): void => {
    answer(incoming, response).catch((error: unknown) => {
      // A connection that was cut is the test's own doing; anything else is the client's breach.
      if (incoming.destroyed && !incoming.complete) return;
      complaints.push(String(error));
      response.writeHead(400, { 'content-type': 'application/x-protobuf' }).end();
    });
  };

  const newServer = (): Server =>
    createServer({ keepAliveTimeout: 60_000 }, listener).on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
  let server = newServer();
  const port = await listen(server, 0);
  let isUp = true;
  const down = async (): Promise<void> => {
    if (!isUp) return;
    isUp = false;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.resetAndDestroy();
    await closed;
  };
  return {
    url: `http://127.0.0.1:${port}${path}`,
    requests,
    complaints,
    accepted: (signal) => accepted[signal],
    behave: (outcome) => {
      behaviour = outcome;
    },
    down,
    up: async () => {
      if (isUp) return;
      server = newServer();
      await listen(server, port);
      isUp = true;
    },
    close: down,
  };
}

async function readRequest(
  incoming: IncomingMessage,
  path: string,
): Promise<Omit<OtlpRequest, 'outcome'>> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > requestBytesMax) throw new Error('the request is larger than 64 MiB');
    chunks.push(chunk);
  }
  const { method, url = '', headers } = incoming;
  const signal = url.startsWith(path) ? signals[url.slice(path.length)] : undefined;
  if (method !== 'POST' || signal === undefined) throw new Error(`${method} ${url} is no OTLP`);
  if (headers['content-type'] !== 'application/x-protobuf') {
    throw new Error(`content-type is ${headers['content-type']}`);
  }
  const bytes = decompress(Buffer.concat(chunks), headers['content-encoding']);
  const message = decodeRequest(signal, bytes);
  return { signal, headers, bytes, message, items: itemsOf(signal, message) };
}

function decompress(body: Buffer, encoding: string | undefined): Buffer {
  if (encoding === undefined || encoding === 'identity') return body;
  if (encoding !== 'gzip') throw new Error(`content-encoding is ${encoding}`);
  return gunzipSync(body, { maxOutputLength: requestBytesMax });
}

function respond(
  outcome: Outcome,
  { signal, items }: Pick<OtlpRequest, 'signal' | 'items'>,
  response: ServerResponse,
): void {
  const type = { 'content-type': 'application/x-protobuf' };
  const ok = () => response.writeHead(200, type).end(encodeResponse(signal));
  switch (outcome.kind) {
    case 'ok':
      ok();
      return;
    case 'slow':
      setTimeout(ok, outcome.ms).unref();
      return;
    case 'status': {
      const later = outcome.retryAfter === undefined ? {} : { 'retry-after': outcome.retryAfter };
      response.writeHead(outcome.status, { ...type, ...later }).end();
      return;
    }
    case 'redirect':
      response.writeHead(307, { location: outcome.location }).end();
      return;
    case 'partial': {
      const rejected = rejectedCount(outcome.rejects, items);
      const partial = rejected > 0 ? { rejected, message: 'cannot be indexed' } : undefined;
      response.writeHead(200, type).end(encodeResponse(signal, partial));
      return;
    }
    case 'warning':
      response.writeHead(200, type).end(encodeResponse(signal, { rejected: 0, message: 'old' }));
      return;
    case 'reset':
      (response.socket as Socket).resetAndDestroy();
      return;
    case 'half':
      response.writeHead(200, { ...type, 'content-length': '100' }).write('half');
      return;
    case 'hang':
  }
}

const rejectedCount = (rejects: number | ((item: Item) => boolean), items: readonly Item[]) =>
  typeof rejects === 'number' ? rejects : items.filter(rejects).length;

function acceptedOf(outcome: Outcome, items: readonly Item[]): readonly Item[] {
  if (outcome.kind === 'partial') {
    const { rejects } = outcome;
    return typeof rejects === 'number' ? [] : items.filter((item) => !rejects(item));
  }
  if (outcome.kind === 'reset') return outcome.accepts ? items : [];
  return ['ok', 'slow', 'warning', 'half'].includes(outcome.kind) ? items : [];
}

function itemsOf(signal: Signal, message: Record<string, unknown>): Item[] {
  const [outer, inner, leaf] = {
    logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
    traces: ['resourceSpans', 'scopeSpans', 'spans'],
    metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
  }[signal] as [string, string, string];
  return listOf(message[outer]).flatMap((resource) => {
    if (resource.resource === undefined) throw new Error(`${outer} without a resource`);
    return listOf(resource[inner]).flatMap((scope) => listOf(scope[leaf]));
  });
}

const listOf = (value: unknown): Item[] => (Array.isArray(value) ? (value as Item[]) : []);

/** What the schema cannot say: lengths of ids, times that are set, keys that are unique. */
function itemFaults(signal: Signal, item: Item): string[] {
  const faults: string[] = [];
  const lengthOf = (name: string) => (item[name] as Buffer | undefined)?.length ?? 0;
  const allowed = signal === 'traces' ? [16] : [0, 16];
  if (signal !== 'metrics' && !allowed.includes(lengthOf('traceId'))) faults.push('traceId');
  const spanLengths = signal === 'traces' ? [8] : [0, 8];
  if (signal !== 'metrics' && !spanLengths.includes(lengthOf('spanId'))) faults.push('spanId');
  if (signal === 'logs' && !(Number(item.timeUnixNano) > 1e18)) faults.push('timeUnixNano');
  if (signal === 'traces' && !(Number(item.endTimeUnixNano) >= Number(item.startTimeUnixNano))) {
    faults.push('endTimeUnixNano');
  }
  const keys = listOf(item.attributes).map(({ key }) => key);
  if (keys.includes('') || new Set(keys).size !== keys.length) faults.push('attributes');
  return faults.map((name) => `${signal}: ${name} of ${String(item.name ?? item.eventName)}`);
}

/** An item's attributes, or a resource's, as a plain record; integers as numbers. */
export function attributesOf(item: Item): Record<string, unknown> {
  return Object.fromEntries(
    listOf(item.attributes).map(({ key, value }) => [String(key), plain(value as Item)]),
  );
}

function plain(value: Item): unknown {
  if (value.intValue !== undefined) return Number(value.intValue);
  const array = value.arrayValue as Item | undefined;
  if (array !== undefined) return listOf(array.values).map(plain);
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? value.bytesValue;
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
