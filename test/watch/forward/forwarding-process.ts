/**
 * A process of its own that writes an audit log at a steady pace and forwards it, as a gateway
 * does. Given one JSON argument; prints one JSON line when it is done. With `dieAfterSends` it
 * kills itself between a collector's answer and the write of the cursor.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { createForwarder } from '../../../gateway/watch/forward/forwarder.ts';
import type { ForwarderLimits } from '../../../gateway/watch/forward/forwarder-options.ts';
import { createOtlpPost } from '../../../gateway/watch/forward/post-otlp.ts';
import { toLine } from './segment-writer.ts';

export interface ForwardingTask {
  readonly directory: string;
  readonly endpoint: string;
  readonly firstSeq: number;
  readonly perSecond: number;
  readonly seconds: number;
  readonly limits?: Partial<ForwarderLimits>;
  readonly dieAfterSends?: number;
}

export interface ForwardingReport {
  readonly lastSeq: number;
  readonly cpuMs: number;
  readonly tookMs: number;
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
  readonly rssMaxMiB: number;
  readonly deadLetters: number;
  readonly unshippedMax: number;
  readonly failures: number;
}

const task = JSON.parse(process.argv[2] ?? '{}') as ForwardingTask;
const tickMs = 10;
let [failures, deadLetters] = [0, 0];

function post(): ReturnType<typeof createOtlpPost> {
  const timeoutMs = task.limits?.requestTimeoutMs ?? 30_000;
  const real = createOtlpPost({ endpoint: task.endpoint, headers: {}, timeoutMs });
  let sends = 0;
  return {
    ...real,
    send: async (body, signal) => {
      const answer = await real.send(body, signal);
      if (answer.status === 200) sends += 1;
      if (sends === task.dieAfterSends) process.kill(process.pid, 'SIGKILL');
      return answer;
    },
  };
}

const forwarder = createForwarder({
  directory: task.directory,
  endpoint: task.endpoint,
  now: Date.now,
  random: Math.random,
  notice: (notice) => {
    if (notice.kind === 'failing') failures += 1;
    if (notice.kind === 'parked') deadLetters += notice.lines;
  },
  post: post(),
  ...(task.limits && { limits: task.limits }),
});
await forwarder.start();

const name = `${String(task.firstSeq).padStart(16, '0')}.ndjson`;
const file = openSync(join(task.directory, name), 'a', 0o600);
const loop = monitorEventLoopDelay({ resolution: 5 });
loop.enable();
const cpu = process.cpuUsage();
const startMs = performance.now();
let seq = task.firstSeq - 1;
let [rssMax, unshippedMax, ticks] = [0, 0, 0];
while (performance.now() - startMs < task.seconds * 1_000) {
  const due = Math.floor(((performance.now() - startMs) * task.perSecond) / 1_000);
  let text = '';
  while (seq < task.firstSeq - 1 + due) {
    seq += 1;
    text += `${toLine(seq)}\n`;
  }
  if (text !== '') writeSync(file, text);
  ticks += 1;
  if (ticks % 50 === 0) {
    rssMax = Math.max(rssMax, process.memoryUsage.rss());
    unshippedMax = Math.max(unshippedMax, seq - forwarder.shipped().seq);
  }
  await sleep(tickMs);
}
closeSync(file);
const giveUpMs = performance.now() + 60_000;
while (forwarder.shipped().seq < seq && performance.now() < giveUpMs) await sleep(50);
const { user, system } = process.cpuUsage(cpu);
const report: ForwardingReport = {
  lastSeq: seq,
  cpuMs: (user + system) / 1_000,
  tookMs: performance.now() - startMs,
  loopP99Ms: loop.percentile(99) / 1e6,
  loopMaxMs: loop.max / 1e6,
  rssMaxMiB: rssMax / 2 ** 20,
  deadLetters,
  unshippedMax,
  failures,
};
await forwarder.close();
process.stdout.write(`${JSON.stringify(report)}\n`);
