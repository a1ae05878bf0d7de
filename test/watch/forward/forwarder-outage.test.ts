/**
 * Real processes and real time: a process that dies between the collector's answer and the write
 * of its cursor, and a collector that goes through every kind of trouble while lines keep coming.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OtlpSink, type Outcome, startOtlpSink } from '../../support/otlp-sink.ts';
import { until } from '../../support/redis.ts';
import { account, runForwarding } from './run-forwarding.ts';
import { createSegmentWriter, type SegmentWriter } from './segment-writer.ts';

describe('accidents in real time', () => {
  let log: SegmentWriter;
  let sink: OtlpSink;
  beforeEach(async () => {
    log = createSegmentWriter();
    sink = await startOtlpSink();
  });
  afterEach(async () => {
    await sink.close();
    log.remove();
  });

  it('a death between answer and cursor repeats lines, with the same uid, and loses none', async () => {
    const task = { directory: log.directory, endpoint: sink.url, perSecond: 500 };
    const limits = { pollMs: 20, batchRecords: 50 };
    let firstSeq = 1;
    for (const dieAfterSends of [1, 3, 2]) {
      const died = await runForwarding({ ...task, limits, firstSeq, seconds: 3, dieAfterSends });
      expect(died.signal).toBe('SIGKILL');
      firstSeq = log.lastSeq() + 1;
    }
    const { report } = await runForwarding({ ...task, firstSeq, seconds: 0.2 });
    const result = account(log.directory, sink.accepted('logs'), report?.lastSeq ?? 0);
    expect(result).toMatchObject({ lost: 0, parked: 0, accepted: report?.lastSeq });
    expect(result.duplicates).toBeGreaterThan(0);
    expect(sink.complaints).toEqual([]);
  });

  it('an outage of every kind loses none', async () => {
    const running = runForwarding({
      directory: log.directory,
      endpoint: sink.url,
      firstSeq: 1,
      perSecond: 300,
      seconds: 5,
      limits: { pollMs: 50, backoffMaxMs: 200, requestTimeoutMs: 400 },
    });
    const seen = (kind: Outcome['kind']) => () =>
      sink.requests.filter(({ outcome }) => outcome === kind).length >= 2;
    await until('the first lines', seen('ok'));
    await sink.down();
    await until('lines that wait', () => log.lastSeq() >= 300);
    const troubles: readonly Outcome[] = [
      { kind: 'status', status: 503, retryAfter: '0' },
      { kind: 'reset', accepts: true },
      { kind: 'slow', ms: 150 },
      { kind: 'hang' },
      {
        kind: 'partial',
        rejects: ({ attributes }) => JSON.stringify(attributes).includes('user-13'),
      },
    ];
    for (const trouble of troubles) {
      sink.behave(trouble);
      await sink.up();
      await until(trouble.kind, seen(trouble.kind));
    }
    sink.behave({ kind: 'ok' });
    const { report } = await running;
    const result = account(log.directory, sink.accepted('logs'), report?.lastSeq ?? 0);
    expect(result.lost).toBe(0);
    expect(result.written).toBeGreaterThan(600);
    expect(report?.failures).toBeGreaterThan(0);
    expect(sink.complaints).toEqual([]);
  });
});
