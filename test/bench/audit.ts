/**
 * Prints what the audit trail costs: CPU time of the gateway process per request with nothing, with
 * audit, and with forwarding and traces beside it, in paired rounds of the same load with varied
 * variables; for a point query, for one with a classified value, and for a list of 100 classified
 * rows. Then how long the event loop is held at 5,000 requests/s, or at the best rate of this machine.
 *
 * What a gateway uses without any request (looking for lines to forward, exporting metrics) is
 * measured first and taken off: in a round it stands idle for longer than it works. It is printed.
 *
 * Each gateway is warmed with all three loads first: the compiler settles after some 20,000
 * requests, and before that a request costs up to three times as much. Two processes that are alike
 * differ by up to a quarter for as long as they live, so each set starts its own, each in another
 * order, and the median of sets counts.
 * `node test/bench/audit.ts [--sets 5] [--rounds 5] [--warming 24000]`: requests of each gateway
 */
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import {
  benchFiles,
  type GatewayChild,
  makeTokens,
  startConstant,
  startGateway,
} from './child-process.ts';
import { median } from './compare/statistics.ts';

const { values } = parseArgs({
  options: {
    sets: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '5' },
    warming: { type: 'string', default: '24000' },
  },
});
const sets = Number(values.sets);
const rounds = Number(values.rounds);
const warming = Number(values.warming);
const askers = 8;
const rows = 100;
/** As long as several exports of metrics take to come. */
const idleMs = 15_000;
const print = (line: string): boolean => process.stdout.write(`${line}\n`);

const audit = 'audit: { directory: audit, subjects: { Person: id } }\n';
const telemetry = (url: string, ratio: number) =>
  `telemetry: { otlp: "${url}", sampleRatio: ${ratio}, metricsIntervalMs: 5000 }\n`;
const variants: readonly { name: string; section: (collector: string) => string }[] = [
  { name: 'nothing', section: () => '' },
  { name: 'audit', section: () => audit },
  { name: 'audit, forwarding, 1 % of traces', section: (url) => audit + telemetry(url, 0.01) },
  { name: 'audit, forwarding, all traces', section: (url) => audit + telemetry(url, 1) },
];
const loads = [
  {
    name: 'point query',
    query: 'query One($id: ID!) { person(id: $id) { id name } }',
    count: 8_000,
    /** Its share of the warming. */
    warms: 0.45,
  },
  {
    name: 'classified point query',
    query: 'query One($id: ID!) { person(id: $id) { id ssn } }',
    count: 8_000,
    warms: 0.5,
  },
  {
    name: `${rows} classified rows`,
    query: 'query Some($id: ID!) { people(after: $id) { id ssn } }',
    count: 1_000,
    warms: 0.05,
  },
] as const;
type Load = (typeof loads)[number];

const person = (id: number) => ({ id: String(id), name: 'Ada', ssn: `900-11-${1000 + id}` });
const answer = JSON.stringify({
  data: {
    person: person(0),
    people: Array.from({ length: rows }, (_, at) => person(at)),
  },
});
await using upstream = await startConstant({ body: answer });
await using collector = await startConstant({ body: '' });
const { jwks, tokens } = await makeTokens(200);

/**
 * Says at each SIGCONT how long the loop was held since the one before: 99th percentile in ms.
 * It costs nothing until the first.
 */
const watchLoop = `
import { monitorEventLoopDelay } from 'node:perf_hooks';
const delay = monitorEventLoopDelay({ resolution: 1 });
process.on('SIGCONT', () => {
  delay.enable();
  process.stderr.write('loop p99 ' + (delay.percentile(99) / 1e6).toFixed(1) + ' ms;');
  delay.reset();
});
`;

interface Running {
  readonly gateway: GatewayChild;
  readonly pool: Pool;
  readonly path: string;
}

async function start(stack: AsyncDisposableStack, section: string): Promise<Running> {
  const files = benchFiles(upstream.url, jwks);
  const gateway = stack.use(
    await startGateway(
      {
        ...files,
        'gateway.yaml': `${files['gateway.yaml']}${section}`,
        'staff.graphql':
          'type Query { person(id: ID!): Person people(after: ID): [Person!] }\ntype Person { id: ID! name: String ssn: String }\n',
        'policies/access/staff.yaml': `
version: 1
rules:
  - { name: open, fields: { Query: [person, people], Person: [id, name] }, allow: { scopes: [staff:read] } }
  - { name: ids, class: government-id, fields: { Person: [ssn] }, allow: { scopes: [staff:read] } }
`,
      },
      watchLoop,
    ),
  );
  const { origin, pathname } = new URL(gateway.url);
  const pool = new Pool(origin, { connections: 32, pipelining: 1 });
  stack.defer(() => pool.destroy());
  return { gateway, pool, path: pathname };
}

let asked = 0;

/** False where the gateway had no room. */
async function ask({ pool, path }: Running, query: string): Promise<boolean> {
  asked += 1;
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
  if (statusCode === 503 && text.includes('OVERLOADED')) return false;
  if (statusCode !== 200 || text.includes('errors')) throw new Error(`${statusCode} ${text}`);
  return true;
}

/** How many found no room. */
async function run(
  running: Running,
  query: string,
  count: number,
  atOnce: number,
): Promise<number> {
  let left = count;
  let shed = 0;
  const one = async () => {
    while (left > 0) {
      left -= 1;
      if (!(await ask(running, query))) shed += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return shed;
}

/** Microseconds of CPU per request, one for each gateway, beginning with the one at `first`. */
async function measure(
  gateways: readonly Running[],
  { query, count }: Load,
  { first, idle }: { first: number; idle: readonly number[] },
): Promise<number[]> {
  const before: number[] = [];
  const since: number[] = [];
  for (let nth = 0; nth < gateways.length; nth += 1) {
    const which = (first + nth) % gateways.length;
    const running = gateways[which];
    if (running === undefined) continue;
    before[which] = running.gateway.cpuMs();
    since[which] = performance.now();
    const shed = await run(running, query, count, askers);
    if (shed > 0) throw new Error(`${shed} requests found no room`);
  }
  // What waits for the disk or the collector is a cost of these requests too.
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  return gateways.map(({ gateway }, which) => {
    const usedMs = gateway.cpuMs() - (before[which] ?? 0);
    const idleMs = (idle[which] ?? 0) * (performance.now() - (since[which] ?? 0));
    return ((usedMs - idleMs) * 1_000) / count;
  });
}

/** Share of a core that each uses while nobody asks it anything. */
async function measureIdle(gateways: readonly Running[]): Promise<number[]> {
  const before = gateways.map(({ gateway }) => gateway.cpuMs());
  await new Promise((resolve) => setTimeout(resolve, idleMs));
  return gateways.map(({ gateway }, which) => (gateway.cpuMs() - (before[which] ?? 0)) / idleMs);
}

/** Microseconds of CPU per request: by load, by variant, one for each set. */
const costs = loads.map(() => variants.map((): number[] => []));
/** A marginal row by variant: what 100 cost more than one, beyond what they cost with nothing. */
const rowCosts = variants.map((): number[] => []);

/** Share of a core while idle, by variant, one for each set. */
const idles = variants.map((): number[] => []);

/** Medians of the rounds of one set; what a variant costs more is paired within a round. */
async function measureSet(all: readonly Running[]): Promise<void> {
  const found = loads.map(() => variants.map((): number[] => []));
  const idle = await measureIdle(all);
  for (const [which, share] of idle.entries()) idles[which]?.push(share * 100);
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, load] of loads.entries()) {
      const each = await measure(all, load, { first: round, idle });
      for (const [which, cost] of each.entries()) found[at]?.[which]?.push(cost);
    }
  }
  const cost = (load: number, which: number, round: number): number =>
    found[load]?.[which]?.[round] ?? Number.NaN;
  const more = (load: number, which: number): number[] =>
    Array.from({ length: rounds }, (_, at) => cost(load, which, at) - cost(load, 0, at));
  for (const which of variants.keys()) {
    for (const at of loads.keys()) {
      const mine = which === 0 ? (found[at]?.[0] ?? []) : more(at, which);
      costs[at]?.[which]?.push(median(mine));
    }
    const one = more(1, which);
    const marginal = more(2, which).map((many, at) => (many - (one[at] ?? 0)) / (rows - 1));
    rowCosts[which]?.push(median(marginal));
  }
}

/** How long the event loop is held at the highest rates, with everything on. */
async function measureLoop(busy: Running): Promise<void> {
  const levels = [2, 4, 8, 16, 32];
  const perLevel = 4_000;
  const rates: string[] = [];
  for (const atOnce of levels) {
    process.kill(busy.gateway.pid, 'SIGCONT');
    const from = performance.now();
    const shed = await run(busy, loads[1].query, perLevel, atOnce);
    const perSecond = ((perLevel - shed) * 1_000) / (performance.now() - from);
    rates.push(`${atOnce} at once: ${perSecond.toFixed(0)} answers/s, ${shed} found no room`);
  }
  process.kill(busy.gateway.pid, 'SIGCONT');
  await new Promise((resolve) => setTimeout(resolve, 500));
  const { complaints } = await busy.gateway.stop();
  const held = [...complaints.matchAll(/loop p99 ([\d.]+ ms);/g)].map(([, ms]) => ms).slice(1);
  for (const [at, rate] of rates.entries()) print(`${rate}, event loop p99 ${held[at]}`);
}

for (let set = 0; set < sets; set += 1) {
  await using stack = new AsyncDisposableStack();
  const all: Running[] = [];
  for (let nth = 0; nth < variants.length; nth += 1) {
    const which = (nth + set) % variants.length;
    all[which] = await start(stack, variants[which]?.section(collector.url) ?? '');
  }
  // All at once: how fast they are does not matter yet.
  await Promise.all(
    all.map(async (running) => {
      for (const { query, warms } of loads) {
        await run(running, query, Math.round(warming * warms), askers / 2);
      }
    }),
  );
  await measureSet(all);
  const busy = all.at(-1);
  if (set === sets - 1 && busy !== undefined) await measureLoop(busy);
}
const shown = (each: readonly number[], digits: number): string =>
  `${median(each).toFixed(digits)} (sets: ${each.map((one) => one.toFixed(digits)).join(' ')})`;
for (const [at, load] of loads.entries()) {
  print(load.name);
  for (const [which, { name }] of variants.entries()) {
    print(`  ${name}: ${which === 0 ? '' : 'more by '}${shown(costs[at]?.[which] ?? [], 0)} us`);
  }
}
print('one more classified row');
for (const [which, { name }] of variants.entries()) {
  if (which > 0) print(`  ${name}: more by ${shown(rowCosts[which] ?? [], 2)} us`);
}
print('idle, in hundredths of a core');
for (const [which, { name }] of variants.entries())
  print(`  ${name}: ${shown(idles[which] ?? [], 2)}`);
