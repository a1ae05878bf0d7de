/**
 * Prints what is left of the gateway under four times the load it can sustain: the rate at which it
 * still answers, what it sheds, how long the answers take, and whether it is well afterwards.
 * `node test/bench/overload.ts`
 *
 * The load is an open loop: requests come at their rate whether earlier ones were answered or not,
 * and a request's time counts from the moment it was due.
 */
import { Pool } from 'undici';
import { benchFiles, makeTokens, startConstant, startGateway } from './child-process.ts';

const times = 4;
const offeredMs = 8_000;
const calmMs = 4_000;
/** After the load: answers that come later than this count as none. */
const patienceMs = 5_000;
const print = (line: string): boolean => process.stdout.write(`${line}\n`);

interface Sample {
  readonly status: number;
  readonly retryAfter: boolean;
  readonly tookMs: number;
}

type Ask = (dueMs: number) => Promise<Sample>;

function createAsk(pool: Pool, path: string, tokens: readonly string[]): Ask {
  const query = 'query One($id: ID!) { person(id: $id) { id name title ssn } }';
  let count = 0;
  return async (dueMs) => {
    count += 1;
    try {
      const { statusCode, headers, body } = await pool.request({
        method: 'POST',
        path,
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${tokens[count % tokens.length]}`,
        },
        body: JSON.stringify({ query, variables: { id: String(count) } }),
      });
      const text = await body.text();
      const isWhole = statusCode !== 200 || text.includes('"name":"Ada"');
      return {
        status: isWhole ? statusCode : 0,
        retryAfter: headers['retry-after'] !== undefined,
        tookMs: performance.now() - dueMs,
      };
    } catch {
      return { status: 0, retryAfter: false, tookMs: performance.now() - dueMs };
    }
  };
}

/** As many askers as may be, each asking again when it was answered. */
async function closedLoop(ask: Ask, askers: number, forMs: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  const endMs = performance.now() + forMs;
  const one = async () => {
    while (performance.now() < endMs) samples.push(await ask(performance.now()));
  };
  await Promise.all(Array.from({ length: askers }, one));
  return samples;
}

/** `perSecond` requests, evenly, whatever becomes of them. */
async function openLoop(ask: Ask, perSecond: number, forMs: number) {
  const samples: Sample[] = [];
  const startMs = performance.now();
  let sent = 0;
  while (performance.now() - startMs < forMs) {
    const due = Math.floor(((performance.now() - startMs) / 1_000) * perSecond);
    for (; sent < due; sent += 1) {
      void ask(startMs + (sent * 1_000) / perSecond).then((sample) => samples.push(sample));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const within = samples.length;
  const endMs = performance.now() + patienceMs;
  while (samples.length < sent && performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return { samples: [...samples], sent, within: samples.slice(0, within) };
}

function percentile(samples: readonly Sample[], share: number): string {
  const sorted = samples.map(({ tookMs }) => tookMs).sort((left, right) => left - right);
  const at = Math.min(sorted.length - 1, Math.floor(sorted.length * share));
  return `${(sorted[at] ?? Number.NaN).toFixed(0)} ms`;
}

const latencies = (samples: readonly Sample[]): string =>
  `median ${percentile(samples, 0.5)}, p99 ${percentile(samples, 0.99)}, longest ${percentile(samples, 1)}`;

const accepted = (samples: readonly Sample[]): Sample[] =>
  samples.filter(({ status }) => status === 200);
const share = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;

/** Answers for each second of CPU time: what a busy machine around the bench does not change. */
async function perCpuSecond<T>(run: () => Promise<T>, answersOf: (ran: T) => readonly Sample[]) {
  const before = gateway.cpuMs();
  const ran = await run();
  const cpuMs = gateway.cpuMs() - before;
  return { ran, perCpu: (accepted(answersOf(ran)).length * 1_000) / cpuMs };
}

async function calm(title: string) {
  const askers = 32;
  const { ran, perCpu } = await perCpuSecond(
    () => closedLoop(ask, askers, calmMs),
    (samples) => samples,
  );
  const answers = accepted(ran);
  const rate = (answers.length * 1_000) / calmMs;
  print(`${title}, ${askers} askers in turn: ${rate.toFixed(0)}/s, ${latencies(answers)}`);
  print(
    `  ${perCpu.toFixed(0)} per CPU second, refused ${share(ran.length - answers.length, ran.length)}`,
  );
  return { rate, perCpu };
}

async function overload(best: { rate: number; perCpu: number }) {
  const { ran, perCpu } = await perCpuSecond(
    () => openLoop(ask, best.rate * times, offeredMs),
    ({ samples }) => samples,
  );
  const { samples, sent, within } = ran;
  const seconds = offeredMs / 1_000;
  const rate = accepted(within).length / seconds;
  const shed = samples.filter(({ status }) => status === 503);
  const failed = samples.filter(({ status }) => status !== 200 && status !== 503);
  const withRetry = shed.filter(({ retryAfter }) => retryAfter);
  print(`offered ${(sent / seconds).toFixed(0)}/s for ${seconds} s (${sent})`);
  print(`  answered ${rate.toFixed(0)}/s: ${latencies(accepted(samples))}`);
  print(`  ${perCpu.toFixed(0)} per CPU second, ${share(perCpu, best.perCpu)} of calm`);
  print(`  shed with 503: ${share(shed.length, sent)}: ${latencies(shed)}`);
  print(`  of these with Retry-After: ${share(withRetry.length, shed.length)}`);
  print(`  failed: ${failed.length}, without an answer: ${sent - samples.length}`);
  return rate;
}

await using upstream = await startConstant({
  body: JSON.stringify({
    data: { person: { id: '1', name: 'Ada', title: 'Engineer', ssn: null, __typename: 'Person' } },
  }),
  delayMs: 5,
});
const { jwks, tokens } = await makeTokens(200);
await using gateway = await startGateway(benchFiles(upstream.url, jwks));
const { origin, pathname } = new URL(gateway.url);
const pool = new Pool(origin, { connections: 2_000, pipelining: 1 });
const ask = createAsk(pool, pathname, tokens);

await closedLoop(ask, 32, 3_000);
const before = await calm('before');
const rate = await overload(before);
const after = await calm('after');
const best = (before.rate + after.rate) / 2;
print(`under overload ${share(rate, best)} of the rate before and after`);
await pool.destroy();
const { log } = await gateway.stop();
const reasons = new Map<string, number>();
for (const [, reason = ''] of log.matchAll(/"reason":"([^"]+)"/g)) {
  reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
}
print(`reasons in the log: ${JSON.stringify(Object.fromEntries(reasons))}`);
