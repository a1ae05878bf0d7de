/** The forwarder against a collector that answers in every way there is: no line is ever missing. */
import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ForwarderOptions } from '../../../gateway/watch/forward/forwarder-options.ts';
import { createOtlpPost, isPackedFor } from '../../../gateway/watch/forward/post-otlp.ts';
import type { Outcome } from '../../support/otlp-sink.ts';
import { startOtlpSink } from '../../support/otlp-sink.ts';
import { protocDecode } from '../../support/protoc.ts';
import { until } from '../../support/redis.ts';
import { bodiesByUid, type ForwarderRig, parkedIn, startRig } from './forwarder-rig.ts';

let rig: ForwarderRig;
afterEach(() => rig.cleanUp());
const start = async (options: Partial<ForwarderOptions> = {}) => {
  rig = await startRig(options);
  return rig;
};

const delivered = () => [...bodiesByUid(rig.sink.accepted('logs')).values()];
const bodyText = (item: Record<string, unknown>) =>
  String((item.body as { stringValue?: unknown }).stringValue);

describe('a collector that works', () => {
  it('gets every line once, in order, over rotation and compression', async () => {
    const { log, sink, shippedAll, notices } = await start();
    log.append(700);
    await shippedAll();
    log.rotate();
    await log.compress(1);
    log.append(10);
    await shippedAll();
    expect(sink.accepted('logs').map(bodyText)).toEqual(log.lines);
    expect(sink.complaints).toEqual([]);
    expect(notices).toEqual([]);
    const [first] = sink.requests;
    expect(first?.headers).toMatchObject({ 'content-type': 'application/x-protobuf' });
    expect(first?.headers).not.toHaveProperty('content-encoding');
    expect(await protocDecode('logs', first?.bytes ?? Buffer.alloc(0))).toContain(
      '"gateway.request"',
    );
  });

  it('gets them compressed where it is on another machine', async () => {
    // No name of another machine can be relied on here; what a name leads to is tested below.
    const other = await startOtlpSink();
    const post = createOtlpPost({
      endpoint: other.url,
      headers: {},
      timeoutMs: 5_000,
      compresses: true,
    });
    const { log, shippedAll } = await start({ post });
    log.append(700);
    await shippedAll();
    expect(other.accepted('logs').map(bodyText)).toEqual(log.lines);
    expect(other.complaints).toEqual([]);
    expect(other.requests.map(({ headers }) => headers['content-encoding'])).toEqual(
      other.requests.map(() => 'gzip'),
    );
    const [first] = other.requests;
    expect(Number(first?.headers['content-length'])).toBeLessThan((first?.bytes.length ?? 0) / 2);
    await other.close();
  });

  const hosts = [
    { host: 'collector.example', compresses: true },
    { host: '192.0.2.7', compresses: true },
    { host: '[2001:db8::1]', compresses: true },
    // Names that begin like this machine's.
    { host: '127.0.0.1.example', compresses: true },
    { host: 'localhost.example', compresses: true },
    { host: 'localhost', compresses: false },
    { host: '127.1', compresses: false },
    { host: '[::1]', compresses: false },
  ];
  it.each(hosts)('is sent packed events or not by its host: $host', ({ host, compresses }) => {
    expect(isPackedFor(new URL(`http://${host}:4318`))).toBe(compresses);
  });

  it('gets what a log has taken, and the log is left alone until it has taken more', async () => {
    let taken = 3;
    const { log, sink, forwarder } = await start({ newestSeq: () => taken });
    log.append(3);
    await until('the first lines', () => forwarder.shipped().seq === 3);
    // A line that nobody has told of stays where it is, however often the log might be looked at.
    log.append(1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(forwarder.shipped().seq).toBe(3);
    taken = 5;
    log.append(1);
    await until('the last lines', () => forwarder.shipped().seq === 5);
    await rig.restart({ newestSeq: () => taken });
    taken = 6;
    log.append(1);
    await until('a line after a restart', () => rig.forwarder.shipped().seq === 6);
    expect(sink.accepted('logs').map(bodyText)).toEqual(log.lines);
  });

  it('gets no more than the limits in one request', async () => {
    const { log, sink, shippedAll } = await start({ limits: { batchRecords: 100 } });
    log.append(250);
    await shippedAll();
    expect(sink.requests.every(({ items }) => items.length <= 100)).toBe(true);
    await rig.restart({ limits: { batchRecords: 512 } });
    log.append(1500);
    await shippedAll();
    expect(sink.requests.every(({ bytes }) => bytes.length <= 1024 * 1024)).toBe(true);
    expect(sink.requests.some(({ items }) => items.length > 200)).toBe(true);
  });

  it('gets the configured headers, at a path under the base URL', async () => {
    const other = await startOtlpSink('/otlp');
    const { log, shippedAll } = await start({
      endpoint: `${other.url}/`,
      headers: { authorization: 'Bearer collector' },
    });
    log.append(1);
    await shippedAll();
    expect(other.requests[0]?.headers.authorization).toBe('Bearer collector');
    await other.close();
  });

  it('goes on after a restart where the last one ended', async () => {
    const { log, sink, shippedAll } = await start();
    log.append(20);
    await shippedAll();
    await rig.restart();
    log.append(5);
    await shippedAll();
    expect(sink.accepted('logs').map(bodyText)).toEqual(log.lines);
    expect(JSON.parse(readFileSync(join(log.directory, 'cursor.json'), 'utf8'))).toMatchObject({
      seq: 25,
      segment: 1,
    });
  });

  it('starts over, loudly, with a cursor that cannot be read', async () => {
    const { log, sink, shippedAll } = await start();
    log.append(3);
    await shippedAll();
    await rig.forwarder.close();
    writeFileSync(join(log.directory, 'cursor.json'), '{"seq":3,"segm');
    await rig.restart();
    await shippedAll();
    expect(rig.notices).toEqual([{ kind: 'cursor-unreadable' }]);
    expect(sink.accepted('logs')).toHaveLength(6);
    expect(delivered()).toEqual(log.lines);
  });

  it('gets what is left when the gateway ends', async () => {
    const { log, sink } = await start({ limits: { pollMs: 60_000 } });
    log.append(900);
    await rig.forwarder.close();
    expect(sink.accepted('logs').map(bodyText)).toEqual(log.lines);
    await rig.restart();
  });
});

describe('a collector in trouble', () => {
  const troubles: readonly { name: string; outcome: Outcome; duplicates: boolean }[] = [
    { name: 'says 429', outcome: { kind: 'status', status: 429 }, duplicates: false },
    { name: 'says 503', outcome: { kind: 'status', status: 503 }, duplicates: false },
    { name: 'says 502', outcome: { kind: 'status', status: 502 }, duplicates: false },
    { name: 'says 500', outcome: { kind: 'status', status: 500 }, duplicates: false },
    { name: 'wants a login', outcome: { kind: 'status', status: 401 }, duplicates: false },
    { name: 'is not there', outcome: { kind: 'status', status: 404 }, duplicates: false },
    { name: 'resets at once', outcome: { kind: 'reset', accepts: false }, duplicates: false },
    { name: 'resets after storing', outcome: { kind: 'reset', accepts: true }, duplicates: true },
    { name: 'answers half', outcome: { kind: 'half' }, duplicates: true },
    { name: 'hangs', outcome: { kind: 'hang' }, duplicates: false },
    { name: 'is too slow', outcome: { kind: 'slow', ms: 250 }, duplicates: true },
  ];
  it.each(troubles)('that $name loses nothing', async ({ outcome, duplicates }) => {
    const requestTimeoutMs = ['hang', 'half', 'slow'].includes(outcome.kind) ? 150 : 5_000;
    const { log, sink, shippedAll } = await start({ limits: { requestTimeoutMs } });
    sink.behave(outcome);
    log.append(60);
    await until('two failures', () => (rig.failing()?.failures ?? 0) >= 2);
    expect(rig.unshipped()).toBe(60);
    sink.behave({ kind: 'ok' });
    await shippedAll();
    expect(delivered()).toEqual(log.lines);
    expect(sink.accepted('logs').length > 60).toBe(duplicates);
    expect(sink.complaints).toEqual([]);
    expect(parkedIn(log.directory)).toEqual([]);
    expect(rig.notices.at(-1)?.kind).toBe('recovered');
  });

  it('that is down loses nothing', async () => {
    const { log, sink, shippedAll } = await start();
    await sink.down();
    log.append(60);
    await until('four failures', () => (rig.failing()?.failures ?? 0) >= 4);
    await sink.up();
    await shippedAll();
    expect(sink.accepted('logs').map(bodyText)).toEqual(log.lines);
  });

  it('that sends elsewhere is not followed', async () => {
    const elsewhere = await startOtlpSink();
    const { log, sink, shippedAll } = await start();
    sink.behave({ kind: 'redirect', location: `${elsewhere.url}/v1/logs` });
    log.append(3);
    await until('two failures', () => (rig.failing()?.failures ?? 0) >= 2);
    expect(elsewhere.requests).toEqual([]);
    sink.behave({ kind: 'ok' });
    await shippedAll();
    await elsewhere.close();
  });

  it('is left in peace for as long as it asks, within reason', async () => {
    const waits: number[] = [];
    let asked = '2';
    const { log, sink, shippedAll } = await start({
      random: () => 0.5,
      limits: { backoffMinMs: 250, backoffMaxMs: 5_000 },
      wait: async (ms, signal) => {
        if (ms !== 5) waits.push(ms);
        if (waits.length === 1) asked = '86400';
        if (waits.length === 2) asked = '0';
        if (waits.length === 9) sink.behave({ kind: 'ok' });
        await new Promise((resolve) => setTimeout(resolve, 1));
        signal.throwIfAborted();
      },
    });
    sink.behave(() => ({ kind: 'status', status: 503, retryAfter: asked }));
    log.append(1);
    await shippedAll();
    expect(waits).toEqual([2_000, 60_000, 750, 1_500, 3_000, 3_750, 3_750, 3_750, 3_750]);
  });
});

describe('a collector that refuses data', () => {
  const bad = new Set(['uid-7', 'uid-300', 'uid-301', 'uid-650']);
  const holdsBad = (items: readonly Record<string, unknown>[]) =>
    [...bodiesByUid(items).keys()].some((uid) => bad.has(uid));

  it.each([400, 413, 422, 500])('with %d costs exactly the lines at fault', async (status) => {
    const { log, sink, shippedAll } = await start();
    sink.behave(({ items }) => (holdsBad(items) ? { kind: 'status', status } : { kind: 'ok' }));
    log.append(700);
    await shippedAll();
    const parked = parkedIn(log.directory);
    expect(parked.map(({ seq }) => `uid-${seq}`)).toEqual([...bad]);
    expect(parked[0]).toMatchObject({
      reason: 'refused',
      detail: `status ${status}`,
      rejected: 1,
      of: 1,
      line: log.lines[6],
    });
    expect(sink.accepted('logs').map(bodyText)).toEqual(
      log.lines.filter((_, index) => !bad.has(`uid-${index + 1}`)),
    );
    expect(statSync(join(log.directory, 'dead-letter.ndjson')).mode & 0o777).toBe(0o600);
    await rig.restart();
    expect(parkedIn(log.directory)).toEqual(parked);
  });

  it('by size gets smaller requests and every line', async () => {
    const { log, sink, shippedAll } = await start();
    sink.behave(({ bytes }) =>
      bytes.length > 20_000 ? { kind: 'status', status: 413 } : { kind: 'ok' },
    );
    log.append(300);
    await shippedAll();
    expect(sink.accepted('logs').map(bodyText)).toEqual(log.lines);
    expect(parkedIn(log.directory)).toEqual([]);
  });

  it('all of it is at fault itself: little is parked, the rest waits', async () => {
    const { log, sink, shippedAll } = await start();
    sink.behave({ kind: 'status', status: 400 });
    log.append(200);
    await until('four failures', () => (rig.failing()?.failures ?? 0) >= 4);
    expect([parkedIn(log.directory).length, rig.unshipped()]).toEqual([16, 184]);
    sink.behave({ kind: 'ok' });
    await shippedAll();
    const parked = parkedIn(log.directory).map(({ line }) => line);
    expect([...parked, ...sink.accepted('logs').map(bodyText)]).toEqual(log.lines);
  });

  it('by partial success is not asked again, and no line is unaccounted for', async () => {
    const { log, sink, shippedAll } = await start({
      limits: { batchBytes: 512 * 1024 },
    });
    sink.behave({
      kind: 'partial',
      rejects: (item) => bad.has([...bodiesByUid([item]).keys()][0] ?? ''),
    });
    log.append(700);
    await shippedAll();
    const sent = sink.requests.flatMap(({ items }) => items.map(bodyText));
    expect(sent).toEqual(log.lines);
    const parked = parkedIn(log.directory);
    const lines = new Set([...parked.map(({ line }) => line), ...delivered()]);
    expect(lines.size).toBe(700);
    expect(parked.some(({ line }) => line === log.lines[6])).toBe(true);
    expect(parked[0]).toMatchObject({
      reason: 'partial',
      detail: 'cannot be indexed',
      rejected: 1,
    });
    const [first] = sink.requests.flatMap(({ items }, index) =>
      items.some((item) => bodyText(item) === log.lines[6]) ? [index] : [],
    );
    expect(sink.requests[(first ?? 0) + 1]?.items.length).toBeLessThanOrEqual(16);
  });

  it('all of it by partial success: little is parked, the rest waits', async () => {
    const { log, sink, shippedAll } = await start({ limits: { batchRecords: 4 } });
    sink.behave({ kind: 'partial', rejects: () => true });
    log.append(200);
    await until('four failures', () => (rig.failing()?.failures ?? 0) >= 4);
    expect(rig.failing()?.why).toBe('partial success');
    const deadLetters = parkedIn(log.directory).length;
    expect(deadLetters + rig.unshipped()).toBe(200);
    expect(rig.unshipped()).toBeGreaterThan(100);
    sink.behave({ kind: 'ok' });
    await shippedAll();
    const parked = parkedIn(log.directory).map(({ line }) => line);
    expect(parked).toHaveLength(deadLetters);
    expect([...parked, ...sink.accepted('logs').map(bodyText)]).toEqual(log.lines);
  });

  it('by a partial success that refuses none has taken all', async () => {
    const { log, sink, shippedAll } = await start();
    sink.behave({ kind: 'warning' });
    log.append(5);
    await shippedAll();
    expect(sink.accepted('logs')).toHaveLength(5);
    expect(parkedIn(log.directory)).toEqual([]);
  });

  it('waits when the dead-letter file is full', async () => {
    const { log, sink, shippedAll } = await start({
      limits: { deadLetterBytesMax: 100 },
    });
    sink.behave({ kind: 'status', status: 400 });
    log.append(2);
    await until('two failures', () => (rig.failing()?.failures ?? 0) >= 2);
    expect(rig.failing()?.why).toBe('dead-letter file full');
    expect(rig.unshipped()).toBe(2);
    sink.behave({ kind: 'ok' });
    await shippedAll();
    expect(sink.accepted('logs').map(bodyText)).toEqual(log.lines);
  });
});

describe('ending', () => {
  it('takes bounded time while the collector hangs; the log keeps the rest', async () => {
    const { log, sink, shippedAll } = await start({
      limits: { closeTimeoutMs: 50, requestTimeoutMs: 60_000 },
    });
    sink.behave({ kind: 'hang' });
    log.append(5);
    await until('a request', () => sink.requests.length === 1);
    await rig.forwarder.close();
    sink.behave({ kind: 'ok' });
    await rig.restart({});
    await shippedAll();
    expect(sink.accepted('logs').map(bodyText)).toEqual(log.lines);
  });

  it('does not wait out a backoff', async () => {
    const { log, sink } = await start({ limits: { backoffMinMs: 60_000, backoffMaxMs: 60_000 } });
    sink.behave({ kind: 'status', status: 503 });
    log.append(1);
    await until('a request', () => sink.requests.length === 1);
    await rig.forwarder.close();
    expect(sink.requests.length).toBeLessThanOrEqual(2);
    await rig.restart();
  });
});

describe('a disk in trouble', () => {
  it('ships on when the directory appears again', async () => {
    const { log, sink, shippedAll } = await start();
    log.append(3);
    await shippedAll();
    // A directory in the place of the cursor's temporary file: it cannot be written.
    const { mkdirSync } = await import('node:fs');
    mkdirSync(join(log.directory, 'cursor.json.tmp'));
    chmodSync(join(log.directory, 'cursor.json.tmp'), 0o700);
    log.append(4);
    await until('a failure', () => rig.failing()?.why === 'EISDIR');
    expect(sink.accepted('logs').map(bodyText)).toEqual(log.lines);
    rmSync(join(log.directory, 'cursor.json.tmp'), { recursive: true });
    log.append(2);
    await shippedAll();
    expect(sink.accepted('logs').map(bodyText)).toEqual(log.lines);
  });
});
