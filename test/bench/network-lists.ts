/**
 * Prints what lists of networks cost: reading, look-up, memory; and a whole decision. Run with
 * `node --expose-gc test/bench/network-lists.ts`.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Address, parseAddress } from '../../gateway/addresses/ip-address.ts';
import { loadNetwork } from '../../gateway/admit/network-file.ts';
import { parseNetworkList } from '../../gateway/admit/network-list.ts';
import { createNetwork } from '../../gateway/admit/network-rules.ts';
import { readFileVersion } from '../../gateway/files/read-file.ts';
import { locateClient, toTrustedProxies } from '../../gateway/identify/trusted-proxies.ts';

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

/** The same numbers in every run. */
function* numbers(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state;
  }
}

const random = numbers(1);
const next = (): number => random.next().value;
const v4 = (): string => [24, 16, 8, 0].map((shift) => (next() >>> shift) & 255).join('.');
const group = (): string => (next() >>> 16).toString(16);
const v6 = (): string =>
  `2${group().slice(-3).padStart(3, '0')}:${group()}:${group()}:${group()}::1`;
const lines4 = (count: number) =>
  Array.from({ length: count }, () => `${v4()}/${16 + (next() >>> 28)}`);
const lines6 = (count: number) =>
  Array.from({ length: count }, () => `${v6()}/${32 + ((next() >>> 27) & 31)}`);

function median(values: number[]): number {
  return values.sort((left, right) => left - right)[values.length >> 1] ?? Number.NaN;
}

/** Median of batches, in nanoseconds per call; a batch outweighs the clock. */
function nanoseconds(run: (index: number) => unknown): string {
  const batch = 1_000;
  const times: number[] = [];
  let kept: unknown;
  for (let round = 0; round < 400; round += 1) {
    const start = process.hrtime.bigint();
    for (let index = 0; index < batch; index += 1) kept = run(round * batch + index);
    times.push(Number(process.hrtime.bigint() - start) / batch);
  }
  if (kept === run) print('');
  return `${median(times.slice(50)).toFixed(0)} ns`;
}

/** Longest time that other work had to wait while something ran. */
async function stall(work: () => Promise<unknown>): Promise<{ tookMs: number; stallMs: number }> {
  let last = performance.now();
  let stallMs = 0;
  const timer = setInterval(() => {
    stallMs = Math.max(stallMs, performance.now() - last);
    last = performance.now();
  }, 1);
  const start = performance.now();
  await work();
  const tookMs = performance.now() - start;
  await new Promise((resolve) => setTimeout(resolve, 3));
  clearInterval(timer);
  return { tookMs, stallMs };
}

function toAddresses(make: () => string): Address[] {
  return Array.from({ length: 8_192 }, () => parseAddress(make())).filter(
    (one) => one !== undefined,
  );
}

const addresses = { v4: toAddresses(v4), v6: toAddresses(v6) };
const pick = (from: readonly Address[], index: number): Address =>
  from[index & 8_191] ?? (from[0] as Address);

async function measureList(title: string, lines: string[]): Promise<void> {
  const bytes = Buffer.from(lines.join('\n'));
  globalThis.gc?.();
  const before = process.memoryUsage();
  let list = await parseNetworkList(bytes, 'list');
  const { tookMs, stallMs } = await stall(async () => {
    list = await parseNetworkList(bytes, 'list');
  });
  globalThis.gc?.();
  const after = process.memoryUsage();
  const growth = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  print(
    `${title}: file ${(bytes.length / 2 ** 20).toFixed(1)} MiB, read in ${tookMs.toFixed(0)} ms ` +
      `(longest stall ${stallMs.toFixed(0)} ms), held ${(list.bytes / 2 ** 20).toFixed(2)} MiB ` +
      `(process grew ${(growth / 2 ** 20).toFixed(2)} MiB), look-up v4 ` +
      `${nanoseconds((index) => list.has(pick(addresses.v4, index)))}, v6 ` +
      `${nanoseconds((index) => list.has(pick(addresses.v6, index)))}`,
  );
}

async function measureDecision(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'fieldgate-bench-'));
  try {
    const { mkdir } = await import('node:fs/promises');
    await mkdir(join(directory, 'network'));
    await writeFile(join(directory, 'blocked.txt'), lines4(120_000).join('\n'));
    await writeFile(
      join(directory, 'network/a.yaml'),
      'version: 1\nlists: { blocked: { file: ../blocked.txt } }\ndeny: [blocked]\n' +
        'regions: { database: embedded, deny: [KP] }\n',
    );
    const policy = await loadNetwork(directory);
    const start = performance.now();
    const network = await createNetwork(policy, {
      now: Date.now,
      readFile: readFileVersion,
      report: () => undefined,
    });
    print(
      `120,000 networks and the embedded database: ready in ${(performance.now() - start).toFixed(0)} ms`,
    );
    for (const { name, bytes } of network.status()) {
      print(`  ${name} holds ${(bytes / 2 ** 20).toFixed(2)} MiB`);
    }
    print(`  decision v4 ${nanoseconds((index) => network.decide(pick(addresses.v4, index)))}`);
    print(`  decision v6 ${nanoseconds((index) => network.decide(pick(addresses.v6, index)))}`);
    network.close();
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function measureLocate(): void {
  const texts = Array.from({ length: 8_192 }, v4);
  const texts6 = Array.from({ length: 8_192 }, v6);
  print(`parseAddress v4 ${nanoseconds((index) => parseAddress(texts[index & 8_191] ?? ''))}`);
  print(`parseAddress v6 ${nanoseconds((index) => parseAddress(texts6[index & 8_191] ?? ''))}`);
  const proxies = toTrustedProxies(['10.0.0.0/8']);
  const rawHeaders = ['host', 'a', 'x-forwarded-for', '192.0.2.1, 10.0.0.9'];
  const trust = { proxies, header: 'x-forwarded-for' } as const;
  const from = { peer: '10.0.0.1', rawHeaders };
  print(`locateClient, two proxies ${nanoseconds(() => locateClient(from, trust))}`);
}

await measureList('120,000 IPv4', lines4(120_000));
await measureList('120,000 IPv6', lines6(120_000));
await measureList('120,000 mixed', [...lines4(60_000), ...lines6(60_000)]);
await measureList('1,000,000 IPv4', lines4(1_000_000));
await measureList('1,000,000 IPv6', lines6(1_000_000));
await measureDecision();
measureLocate();
