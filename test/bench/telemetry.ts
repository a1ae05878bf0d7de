/**
 * Prints what traces and metrics cost: CPU time of the gateway process per point query with nothing
 * sent, with 1 % and with 100 % of traces, in paired rounds of the same load; and what counting
 * alone costs, in this process. `node test/bench/telemetry.ts`
 */
import { Pool } from 'undici';
import { openRecord } from '../../gateway/request.ts';
import { createRequestMetrics } from '../../gateway/watch/telemetry/request-metrics.ts';
import {
  benchFiles,
  type GatewayChild,
  makeTokens,
  startConstant,
  startGateway,
} from './child-process.ts';

const rounds = 12;
const perRound = 4_000;
const askers = 16;
const print = (line: string): boolean => process.stdout.write(`${line}\n`);

const variants = [
  { name: 'nothing sent', telemetry: '{}' },
  { name: '1 % of traces', telemetry: 'OTLP, sampleRatio: 0.01' },
  { name: '100 % of traces', telemetry: 'OTLP, sampleRatio: 1' },
] as const;

await using upstream = await startConstant({
  body: JSON.stringify({
    data: { person: { id: '1', name: 'Ada', title: 'Engineer', __typename: 'Person' } },
  }),
});
await using collector = await startConstant({ body: '' });
const { jwks, tokens } = await makeTokens(200);
await using gateways = new AsyncDisposableStack();

interface Running {
  readonly name: string;
  readonly gateway: GatewayChild;
  readonly pool: Pool;
  readonly path: string;
}

async function start({ name, telemetry }: (typeof variants)[number]): Promise<Running> {
  const files = benchFiles(upstream.url, jwks);
  const section = telemetry.startsWith('OTLP')
    ? `{ otlp: "${collector.url}"${telemetry.slice(4)}, metricsIntervalMs: 5000 }`
    : telemetry;
  const gateway = gateways.use(
    await startGateway({
      ...files,
      'gateway.yaml': `${files['gateway.yaml']}telemetry: ${section}\n`,
    }),
  );
  const { origin, pathname } = new URL(gateway.url);
  const pool = new Pool(origin, { connections: askers, pipelining: 1 });
  gateways.defer(() => pool.destroy());
  return { name, gateway, pool, path: pathname };
}

let asked = 0;

async function ask({ pool, path }: Running): Promise<void> {
  asked += 1;
  const query = 'query One($id: ID!) { person(id: $id) { id name title } }';
  const { statusCode, body } = await pool.request({
    method: 'POST',
    path,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${tokens[asked % tokens.length]}`,
    },
    body: JSON.stringify({ query, variables: { id: String(asked) } }),
  });
  const text = await body.text();
  if (statusCode !== 200 || !text.includes('Ada')) throw new Error(`${statusCode} ${text}`);
}

/** Microseconds of CPU per request. */
async function measure(running: Running, count: number): Promise<number> {
  const before = running.gateway.cpuMs();
  let left = count;
  const one = async () => {
    while (left > 0) {
      left -= 1;
      await ask(running);
    }
  };
  await Promise.all(Array.from({ length: askers }, one));
  // What waits for the collector is a cost of these requests too.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  return ((running.gateway.cpuMs() - before) * 1_000) / count;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const all: Running[] = [];
for (const variant of variants) all.push(await start(variant));
for (const running of all) await measure(running, perRound);
const costs = all.map((): number[] => []);
for (let round = 0; round < rounds; round += 1) {
  for (let nth = 0; nth < all.length; nth += 1) {
    const at = (round + nth) % all.length;
    const running = all[at];
    if (running !== undefined) costs[at]?.push(await measure(running, perRound));
  }
}
for (const [at, { name }] of all.entries()) {
  const mine = costs[at] ?? [];
  const more = mine.map((cost, round) => cost - (costs[0]?.[round] ?? 0));
  print(
    `${name}: ${median(mine).toFixed(0)} us per request` +
      (at === 0 ? '' : `, ${median(more).toFixed(1)} us more (median of ${rounds} paired rounds)`),
  );
}

const metrics = createRequestMetrics({ scheme: 'http', route: '/graphql', upstreams: new Map() });
const record = {
  ...openRecord({
    id: 'x',
    startedAtMs: 0,
    trace: { traceId: '', spanId: '', parentSpanId: undefined, sampled: true },
    peer: '',
    method: 'POST',
  }),
  status: 200,
  cost: 5,
  depth: 2,
  operation: { type: 'query', hash: '', named: true },
  verdicts: { allowed: 4, denied: [], masked: [] },
  delivered: [
    { coordinate: 'Person.ssn', classes: ['government-id'], count: 1, masked: 0, rule: 'ids' },
  ],
  upstreamCalls: [
    {
      upstream: 'staff',
      operation: 'query',
      status: 200,
      durationMs: 1,
      responseBytes: 1,
      spanId: 'a',
    },
  ],
};
const times = 500_000;
for (const run of ['warm', 'counted']) {
  const before = process.cpuUsage();
  for (let nth = 0; nth < times; nth += 1) metrics.count({ ...record, durationMs: nth % 100 });
  const { user, system } = process.cpuUsage(before);
  if (run === 'counted') print(`counting: ${((user + system) / times).toFixed(2)} us per request`);
}
