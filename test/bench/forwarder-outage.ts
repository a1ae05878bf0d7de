/**
 * An outage at full length: a process writes 1,000 audit lines a second for 120 s and
 * forwards them; the collector (this process) is down for 60 s, then answers 503, resets, is slow,
 * refuses in part, and recovers. Nothing may be lost; duplicates only with equal uid and body.
 *
 *   node test/bench/forwarder-outage.ts [seconds] [lines per second]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Outcome, startOtlpSink } from '../support/otlp-sink.ts';
import { account, runForwarding } from '../watch/forward/run-forwarding.ts';
import { createSegmentWriter } from '../watch/forward/segment-writer.ts';

const seconds = Number(process.argv[2] ?? 120);
const perSecond = Number(process.argv[3] ?? 1_000);
const log = createSegmentWriter();
const sink = await startOtlpSink();
const running = runForwarding({
  directory: log.directory,
  endpoint: sink.url,
  firstSeq: 1,
  perSecond,
  seconds,
});

const part = (share: number) => sleep(share * seconds * 1_000);
await part(1 / 12);
await sink.down();
await part(1 / 2);
const troubles: readonly Outcome[] = [
  { kind: 'status', status: 503, retryAfter: '1' },
  { kind: 'reset', accepts: true },
  { kind: 'slow', ms: 400 },
  { kind: 'partial', rejects: (item) => JSON.stringify(item.attributes).includes('user-13') },
];
for (const trouble of troubles) {
  sink.behave(trouble);
  await sink.up();
  await part(1 / 24);
}
sink.behave({ kind: 'ok' });
const { report } = await running;
await sink.close();
const result = account(log.directory, sink.accepted('logs'), report?.lastSeq ?? 0);
log.remove();
process.stdout.write(
  `${JSON.stringify({ ...result, complaints: sink.complaints.length, ...report }, undefined, 2)}\n`,
);
if (result.lost > 0 || sink.complaints.length > 0) process.exitCode = 1;
