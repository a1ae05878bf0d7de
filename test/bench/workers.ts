/**
 * Prints what a second core is worth: CPU time per request of one process, of `--workers 1` and of
 * `--workers 2`, all processes of a gateway together, the first one included, in one interleaved
 * run. `node test/bench/workers.ts [ROUNDS]`; Linux, CPU time is read from /proc.
 *
 * Load generator and upstream need cores too, so throughput on a small machine says little. What n
 * cores bear is n divided by the CPU time of a request: two workers are worth
 * 2 × (CPU of one process) / (CPU of all processes of two) times one process.
 */
import { Pool } from 'undici';
import {
  benchFiles,
  type GatewayChild,
  makeTokens,
  startConstant,
  startGateway,
} from './child-process.ts';

const rounds = Number(process.argv[2] ?? 7);
const roundMs = 3_000;
/** Of each process: below this, compiling its code is most of what is measured. */
const warmUpRequests = 5_000;
const connections = 16;
const print = (line: string): boolean => process.stdout.write(`${line}\n`);

const rates = `
version: 1
rates:
  - { name: per-address, per: address, limit: 100000000, window: 1m }
  - { name: per-caller, per: caller, limit: 100000000, window: 1m }
`;
const variants = [
  { name: 'one process', more: [] },
  { name: '--workers 1', more: ['--workers', '1'] },
  { name: '--workers 2', more: ['--workers', '2'] },
];

async function load(
  gateway: GatewayChild,
  tokens: readonly string[],
  until: { forMs: number; requests?: number },
) {
  const { forMs, requests = Number.POSITIVE_INFINITY } = until;
  const { origin, pathname } = new URL(gateway.url);
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const query = 'query One($id: ID!) { person(id: $id) { id name title } }';
  let [answered, count] = [0, 0];
  const beforeMs = gateway.cpuMs();
  const startMs = performance.now();
  const one = async (): Promise<void> => {
    while (performance.now() - startMs < forMs && answered < requests) {
      count += 1;
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: pathname,
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${tokens[count % tokens.length]}`,
        },
        body: JSON.stringify({ query, variables: { id: String(count) } }),
      });
      const text = await body.text();
      // On a busy machine the gateway sheds; what is shed is no answer.
      if (statusCode === 503) continue;
      if (statusCode !== 200 || !text.includes('Ada')) throw new Error(`${statusCode} ${text}`);
      answered += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
  await pool.close();
  return {
    perSecond: (answered * 1_000) / (performance.now() - startMs),
    cpuMsPerThousand: ((gateway.cpuMs() - beforeMs) * 1_000) / answered,
  };
}

const median = (values: readonly number[]): number =>
  [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;

await using upstream = await startConstant({
  body: JSON.stringify({
    data: { person: { id: '1', name: 'Ada', title: 'Engineer', __typename: 'Person' } },
  }),
});
const { jwks, tokens } = await makeTokens(200);
const files = { ...benchFiles(upstream.url, jwks), 'policies/rates/default.yaml': rates };
await using stack = new AsyncDisposableStack();
const measured = new Map<string, { perSecond: number; cpuMsPerThousand: number }[]>();
const gateways: { name: string; gateway: GatewayChild }[] = [];
for (const { name, more } of variants) {
  const gateway = stack.use(await startGateway(files, undefined, more));
  await load(gateway, tokens, { forMs: 60_000, requests: warmUpRequests * Number(more[1] ?? 1) });
  gateways.push({ name, gateway });
  measured.set(name, []);
}
for (let round = 0; round < rounds; round += 1) {
  for (const { name, gateway } of gateways) {
    measured.get(name)?.push(await load(gateway, tokens, { forMs: roundMs }));
  }
}
const single = measured.get('one process') ?? [];
for (const { name, more } of variants) {
  const samples = measured.get(name) ?? [];
  const cpu = median(samples.map(({ cpuMsPerThousand }) => cpuMsPerThousand));
  const rate = median(samples.map(({ perSecond }) => perSecond));
  const cores = Number(more[1] ?? 1);
  const worth = median(
    samples.map(
      ({ cpuMsPerThousand }, at) =>
        (cores * (single[at]?.cpuMsPerThousand ?? Number.NaN)) / cpuMsPerThousand,
    ),
  );
  print(
    `${name}: ${cpu.toFixed(0)} ms of CPU per 1,000 requests, ${rate.toFixed(0)}/s; ` +
      `${cores} ${cores === 1 ? 'core bears' : 'cores bear'} ${worth.toFixed(2)} times one process`,
  );
}
