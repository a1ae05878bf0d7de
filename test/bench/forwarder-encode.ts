/**
 * CPU per audit line of what the forwarder does with it, in paired rounds: our encoder against
 * OpenTelemetry's serializer with the same attributes, then compression at several levels; then
 * everything from the file to a collector in another process that only says yes.
 *
 *   node test/bench/forwarder-encode.ts [rounds]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { toEventName } from '../../gateway/watch/forward/event-name.ts';
import { createExportEncoder } from '../../gateway/watch/forward/export-request.ts';
import { createForwarder } from '../../gateway/watch/forward/forwarder.ts';
import { eachFact } from '../../gateway/watch/forward/line-attributes.ts';
import { readLooseEvent } from '../../gateway/watch/forward/write-log-record.ts';
import { createSegmentWriter, toLine } from '../watch/forward/segment-writer.ts';

const rounds = Number(process.argv[2] ?? 15);
const count = 400;
const resource = resourceFromAttributes({ 'service.name': 'fieldgate' });
const encode = createExportEncoder({ 'service.name': 'fieldgate' });
const scope = { name: 'gateway.audit' };

const linesOf = (round: number): Buffer[] =>
  Array.from({ length: count }, (_, index) => Buffer.from(toLine(round * count + index + 1)));

function byTransformer(lines: readonly Buffer[]): Uint8Array {
  const records = lines.map((line) => {
    const event = readLooseEvent(line) ?? {};
    const attributes: Record<string, unknown> = {};
    eachFact(event, (name, value) => {
      attributes[name] = value;
    });
    const timeMs = Number(event.time);
    const time = [Math.floor(timeMs / 1_000), (timeMs % 1_000) * 1e6];
    const { name, severity } = toEventName('allowed', 1);
    return {
      hrTime: time,
      hrTimeObserved: time,
      severityNumber: severity,
      severityText: 'INFO',
      body: line.toString('utf8'),
      eventName: name,
      attributes,
      droppedAttributesCount: 0,
      resource,
      instrumentationScope: scope,
      spanContext: {
        traceId: String(event.trace?.uid),
        spanId: String(event.trace?.span?.uid),
        traceFlags: 1,
      },
    };
  });
  return ProtobufLogsSerializer.serializeRequest(records as never) ?? new Uint8Array();
}

const cpuUs = async (work: () => unknown): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
};

const figures: Record<string, number[]> = {};
const note = (name: string, value: number) => {
  figures[name] = [...(figures[name] ?? []), value];
};
let bytes = 0;
for (let round = 0; round < rounds + 5; round += 1) {
  const lines = linesOf(round);
  let request: Buffer = Buffer.alloc(0);
  const ours = await cpuUs(async () => {
    request = await encode(
      lines.map((bytes) => ({ bytes })),
      1_795_446_000_000,
    );
  });
  const theirs = await cpuUs(() => byTransformer(lines));
  const parse = await cpuUs(() => lines.map(readLooseEvent));
  const levels = [];
  for (const level of [1, 2, 3, 6]) {
    levels.push({ level, us: await cpuUs(() => gzipSync(request, { level })) });
  }
  // The first rounds are the compiler's.
  if (round < 5) continue;
  bytes = request.length / count;
  note('encoder', ours);
  note('otlp-transformer', theirs);
  note('of which JSON.parse', parse);
  for (const { level, us } of levels) note(`gzip ${level}`, us);
  note('gzip 1 bytes', gzipSync(request, { level: 1 }).length / count);
  note('gzip 6 bytes', gzipSync(request, { level: 6 }).length / count);
}

const median = (values: readonly number[]) =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
process.stdout.write(`protobuf bytes a line: ${bytes.toFixed(0)}\n`);
for (const [name, values] of Object.entries(figures)) {
  process.stdout.write(`${name}: ${median(values).toFixed(1)}\n`);
}

/** All threads of this process, from the first read to the last cursor. */
async function wholeWayUs(): Promise<number> {
  const yes = `require('node:http').createServer((q, r) => q.resume().on('end', () => r.end()))
    .listen(0, '127.0.0.1', function () { console.log(this.address().port) })`;
  const collector = spawn(process.execPath, ['-e', yes], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(collector.stdout, 'data')) as [Buffer];
  const log = createSegmentWriter();
  const total = 40_000;
  for (let seq = 1; seq <= total; seq += 100) {
    const lines = Array.from({ length: 100 }, (_, index) => `${toLine(seq + index)}\n`);
    log.appendRaw(lines.join(''));
  }
  const forwarder = createForwarder({
    directory: log.directory,
    endpoint: `http://127.0.0.1:${Number(String(port))}`,
    notice: () => undefined,
    now: Date.now,
    random: Math.random,
  });
  const before = process.cpuUsage();
  await forwarder.start();
  while (forwarder.shipped().seq < total) await sleep(20);
  const { user, system } = process.cpuUsage(before);
  await forwarder.close();
  collector.kill();
  log.remove();
  return (user + system) / total;
}

for (let round = 0; round < 3; round += 1) {
  process.stdout.write(`file to collector: ${(await wholeWayUs()).toFixed(1)}\n`);
}
