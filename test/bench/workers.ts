/**
 * Prints what a second core is worth: CPU time per request of `--workers 1` and of `--workers 2`,
 * all processes of a gateway together, the first one included; beside them one process, and two
 * gateways that know nothing of each other. `node test/bench/workers.ts [STARTS] [ROUNDS]`; Linux,
 * CPU time is read from /proc.
 *
 * Load generator and upstream need cores too, so throughput on a small machine says little. What n
 * cores bear is n divided by the CPU time of a request: two workers are worth
 * 2 × (CPU of one worker) / (CPU of all processes of two) times one worker. Two processes that run
 * at the same time cost each other caches, whoever's they are: that is in the figure, and the two
 * gateways apart show how much of it is the machine's.
 *
 * Each start is new processes, which are compiled anew and never quite alike. Each process has the
 * same warm-up before it is measured, its connections stay, and rounds are short, in turn, and
 * begin with another gateway each time; ratios are within rounds.
 */
import {
  benchFiles,
  type GatewayChild,
  makeTokens,
  processCpuMs,
  startConstant,
  startGateway,
} from './child-process.ts';
import { RawPool } from './raw-client.ts';

const [starts = 2, rounds = 16] = process.argv.slice(2).map(Number);
const roundMs = 1_000;
/** Of each process: below this, compiling its code is much of what is measured. */
const warmUpRequests = 20_000;
const warmUpMs = 60_000;
/** To each process, one request at a time. */
const connections = 32;
const print = (line: string): boolean => process.stdout.write(`${line}\n`);

const rates = `
version: 1
rates:
  - { name: per-address, per: address, limit: 100000000, window: 1m }
  - { name: per-caller, per: caller, limit: 100000000, window: 1m }
`;
/** `gateways`: one list of further arguments for each that is started; `cores`: that they can use. */
const variants = [
  { name: 'one process', gateways: [[]], cores: 1 },
  { name: 'two gateways apart', gateways: [[], []], cores: 2 },
  { name: '--workers 1', gateways: [['--workers', '1']], cores: 1 },
  { name: '--workers 2', gateways: [['--workers', '2']], cores: 2 },
];

interface Round {
  readonly perSecond: number;
  readonly cpuMs: number;
  readonly firstMs: number;
  /** Of CPU time per 1,000 requests. */
  readonly cost: number;
}

/** One of `variants`, started and connected. */
interface Running extends AsyncDisposable {
  load(until: { forMs: number; requests?: number }): Promise<Round>;
}

/** Each connection asks again when it was answered; resolves with the count of answers. */
async function closedLoop(
  pools: readonly { readonly pool: RawPool; readonly count: number }[],
  { next, isOver }: { next: () => string; isOver: (answered: number) => boolean },
): Promise<number> {
  let answered = 0;
  const ask = (pool: RawPool): Promise<number> =>
    new Promise((resolve) => {
      if (!pool.ask(next(), performance.now(), ({ status }) => resolve(status))) resolve(0);
    });
  const one = async (pool: RawPool): Promise<void> => {
    while (!isOver(answered)) {
      const status = await ask(pool);
      // On a busy machine the gateway sheds; what is shed is no answer.
      if (status === 200) answered += 1;
      else if (status !== 503) throw new Error(`answered with ${status}`);
    }
  };
  await Promise.all(
    pools.flatMap(({ pool, count }) => Array.from({ length: count }, () => one(pool))),
  );
  return answered;
}

async function start(
  { gateways: all, cores }: (typeof variants)[number],
  files: Readonly<Record<string, string>>,
  next: () => string,
): Promise<Running> {
  const gateways: GatewayChild[] = [];
  for (const more of all) gateways.push(await startGateway(files, undefined, more));
  const pools = gateways.map(({ url }) => {
    const isWhole = (body: string): boolean => body.includes('Ada');
    const count = (connections * cores) / gateways.length;
    return { pool: new RawPool({ port: Number(new URL(url).port), isWhole }, count), count };
  });
  const sum = (read: (gateway: GatewayChild) => number): number =>
    gateways.reduce((total, one) => total + read(one), 0);
  const total = (): number => sum((one) => one.cpuMs());
  const first = (): number => sum(({ pid }) => processCpuMs(pid));
  return {
    async load({ forMs, requests = Number.POSITIVE_INFINITY }) {
      const [cpuMs, firstMs, startMs] = [total(), first(), performance.now()];
      const answered = await closedLoop(pools, {
        next,
        isOver: (count) => performance.now() - startMs >= forMs || count >= requests * cores,
      });
      const usedMs = total() - cpuMs;
      return {
        perSecond: (answered * 1_000) / (performance.now() - startMs),
        cpuMs: usedMs,
        firstMs: first() - firstMs,
        cost: (usedMs * 1_000) / answered,
      };
    },
    async [Symbol.asyncDispose]() {
      for (const { pool } of pools) pool.close();
      await Promise.all(gateways.map((gateway) => gateway.stop()));
    },
  };
}

function createRequests(tokens: readonly string[]): () => string {
  const query = 'query One($id: ID!) { person(id: $id) { id name title } }';
  const [before = '', after = ''] = JSON.stringify({ query, variables: { id: '@' } }).split('@');
  let count = 1_000_000;
  const heads = tokens.map(
    (token) =>
      'POST /graphql HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\n' +
      `authorization: Bearer ${token}\r\n` +
      `content-length: ${before.length + 7 + after.length}\r\n\r\n${before}`,
  );
  return () => {
    count += 1;
    return `${heads[count % heads.length]}${count}${after}`;
  };
}

const median = (values: readonly number[]): number =>
  values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;

await using upstream = await startConstant({
  body: JSON.stringify({
    data: { person: { id: '1', name: 'Ada', title: 'Engineer', __typename: 'Person' } },
  }),
});
const { jwks, tokens } = await makeTokens(200);
const files = { ...benchFiles(upstream.url, jwks), 'policies/rates/default.yaml': rates };
const next = createRequests(tokens);
const measured = new Map<string, Round[]>(variants.map(({ name }) => [name, []]));
for (let at = 0; at < starts; at += 1) {
  await using stack = new AsyncDisposableStack();
  const running: { name: string; one: Running }[] = [];
  for (const variant of variants) {
    const one = stack.use(await start(variant, files, next));
    await one.load({ forMs: warmUpMs, requests: warmUpRequests });
    running.push({ name: variant.name, one });
  }
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < running.length; turn += 1) {
      const { name, one } = running[(round + turn) % running.length] ?? {};
      const sample = await one?.load({ forMs: roundMs });
      if (name !== undefined && sample !== undefined) measured.get(name)?.push(sample);
    }
  }
}

/** What `cores` cores bear of one of these, in times of what one core bears of the other. */
function worth(name: string, cores: number, base: string): string {
  const bases = measured.get(base) ?? [];
  const ratios = measured
    .get(name)
    ?.map(({ cost }, at) => (cores * (bases[at]?.cost ?? Number.NaN)) / cost);
  return median(ratios ?? []).toFixed(2);
}

for (const { name, cores } of variants) {
  const samples = measured.get(name) ?? [];
  const all = (read: (sample: Round) => number): number =>
    samples.reduce((sum, sample) => sum + read(sample), 0);
  const share = name.startsWith('--') ? all((one) => one.firstMs) / all((one) => one.cpuMs) : 0;
  print(
    `${name}: ${median(samples.map(({ cost }) => cost)).toFixed(0)} ms of CPU per 1,000 requests` +
      `${share > 0 ? `, ${(100 * share).toFixed(1)} % of it the first process's` : ''}, ` +
      `${median(samples.map(({ perSecond }) => perSecond)).toFixed(0)}/s; ${cores} core${cores > 1 ? 's bear' : ' bears'} ` +
      `${worth(name, cores, 'one process')} times one process, ${worth(name, cores, '--workers 1')} times one worker`,
  );
}
