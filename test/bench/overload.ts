/**
 * Prints what is left of the gateway under four times the load it can sustain: the rate at which it
 * still answers, what it sheds, how long the answers take, and whether it is well afterwards.
 * `node test/bench/overload.ts [--rows N,N] [--lists]`
 *
 * The load is an open loop: requests are due at their rate whether earlier ones were answered or
 * not, and a request's time counts from the moment it was due. First over connections that stay,
 * one request at a time on each: a request that is due while all of them wait for an answer is not
 * sent, and counted as not taken. Then with a connection for each request: once with fewer open than
 * the system lets wait for a gateway (net.core.somaxconn, 4,096 as a rule), and once with more, where
 * those that it drops try again after seconds. The gateway has a core of its own, the load and the
 * upstream share another; of the upstream there are more connections than the gateway can use, so
 * that it is the gateway that is overloaded. At last with an operation that costs much more than a
 * refusal, a list of so many rows: then all that is not answered can be refused at once.
 *
 * `--rows 100,3000`: lists of other lengths; `--lists`: lists alone.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { benchFiles, makeTokens, startConstant, startGateway } from './child-process.ts';
import { pin } from './pin.ts';
import { RawConnection, RawPool, type Sample } from './raw-client.ts';

const times = 4;
const offeredMs = 8_000;
const calmMs = 4_000;
const connections = 1_000;
/** Requests that wait at once, each on a connection of its own. */
const openFew = 3_000;
const openMany = 6_000;
const upstreamConnections = 256;
/** After the load: answers that come later than this count as none. */
const patienceMs = 5_000;
const print = (line: string): boolean => process.stdout.write(`${line}\n`);
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends a request; false where it cannot be sent now. */
type Ask = (dueMs: number, done: (sample: Sample) => void) => boolean;

/** What is asked, and of whom. */
interface Subject {
  readonly ask: Ask;
  /** CPU time that the gateway has used. */
  readonly cpuMs: () => number;
}

const isWhole = (body: string): boolean => body.includes('"name":"Ada"');

const ada = { name: 'Ada', title: 'Engineer', __typename: 'Person' };
const one = {
  query: 'query One($id: ID!) { person(id: $id) { id name title ssn } }',
  data: { person: { ...ada, id: '1', ssn: null } },
};
/** 3,000 rows cost some thirty times as much: enough for refusals to cost little beside it. */
const many = (rows: number) => ({
  query: 'query Many($id: ID!) { people(id: $id) { id name title } }',
  data: {
    people: Array.from({ length: rows }, (_, at) => ({ id: `${at}`, name: 'Ada', title: 'E' })),
  },
});
type Asked = typeof one | ReturnType<typeof many>;

/** Requests of many callers, no two alike. */
function createRequests(
  { query }: Asked,
  { tokens, path, more = '' }: { tokens: readonly string[]; path: string; more?: string },
): () => string {
  let count = 1_000_000;
  const [before = '', after = ''] = JSON.stringify({ query, variables: { id: '@' } }).split('@');
  const heads = tokens.map(
    (token) =>
      `POST ${path} HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\n` +
      `authorization: Bearer ${token}\r\n${more}` +
      `content-length: ${before.length + 7 + after.length}\r\n\r\n${before}`,
  );
  return () => {
    count += 1;
    return `${heads[count % heads.length]}${count}${after}`;
  };
}

function overConnections(port: number, next: () => string, count: number) {
  const pool = new RawPool({ port, isWhole }, count);
  const ask: Ask = (dueMs, done) => pool.ask(next(), dueMs, done);
  return { ask, close: () => pool.close() };
}

/** One connection for each request, from many addresses: one has not that many ports. */
function reconnecting(port: number, next: () => string, openMost: number): Ask {
  let count = 0;
  let open = 0;
  return (dueMs, done) => {
    if (open >= openMost) return false;
    count += 1;
    open += 1;
    const localAddress = `127.0.1.${1 + (count % 100)}`;
    const connection = new RawConnection({ port, isWhole, localAddress }, () => {
      open -= 1;
    });
    connection.ask(next(), dueMs, (sample) => {
      done(sample);
      connection.close();
    });
    return true;
  };
}

/** As many askers as may be, each asking again when it was answered. */
async function closedLoop(ask: Ask, askers: number, forMs: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  const endMs = performance.now() + forMs;
  const one = (): Promise<void> =>
    new Promise((resolve) => {
      const again = (): void => {
        const nowMs = performance.now();
        const isSent =
          nowMs < endMs &&
          ask(nowMs, (sample) => {
            samples.push(sample);
            setImmediate(again);
          });
        if (!isSent) resolve();
      };
      again();
    });
  await Promise.all(Array.from({ length: askers }, one));
  return samples;
}

interface Load {
  readonly due: number;
  readonly sent: number;
  readonly samples: readonly Sample[];
  /** Answered while the load lasted. */
  readonly within: readonly Sample[];
  readonly seconds: number;
  /** How long nothing was sent although it was due: the load had no time. */
  readonly lateMs: number;
}

/** `perSecond` requests, evenly, whatever becomes of them. */
async function openLoop(ask: Ask, perSecond: number, forMs: number): Promise<Load> {
  const samples: Sample[] = [];
  const startMs = performance.now();
  let due = 0;
  let sent = 0;
  let lateMs = 0;
  let lastMs = startMs;
  const take = (sample: Sample): void => void samples.push(sample);
  while (performance.now() - startMs < forMs) {
    const until = Math.floor(((performance.now() - startMs) / 1_000) * perSecond);
    for (; due < until; due += 1) {
      if (ask(startMs + (due * 1_000) / perSecond, take)) sent += 1;
    }
    await sleep(1);
    lateMs = Math.max(lateMs, performance.now() - lastMs);
    lastMs = performance.now();
  }
  const seconds = (performance.now() - startMs) / 1_000;
  const within = [...samples];
  const endMs = performance.now() + patienceMs;
  while (samples.length < sent && performance.now() < endMs) await sleep(10);
  return { due, sent, samples: [...samples], within, seconds, lateMs };
}

function percentile(times: readonly number[], share: number): string {
  const sorted = times.toSorted((left, right) => left - right);
  const at = Math.min(sorted.length - 1, Math.floor(sorted.length * share));
  return `${(sorted[at] ?? Number.NaN).toFixed(0)} ms`;
}

const spread = (times: readonly number[]): string =>
  `median ${percentile(times, 0.5)}, p99 ${percentile(times, 0.99)}, longest ${percentile(times, 1)}`;
const latencies = (samples: readonly Sample[]): string =>
  spread(samples.map(({ tookMs }) => tookMs));
const connected = (samples: readonly Sample[]): string =>
  spread(samples.map(({ connectedMs }) => connectedMs));

const accepted = (samples: readonly Sample[]): Sample[] =>
  samples.filter(({ status }) => status === 200);
const share = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;

interface Rate {
  readonly perSecond: number;
  /** For each second of CPU time: what nothing else on the machine changes. */
  readonly perCpuSecond: number;
}

async function calm(title: string, { ask, cpuMs }: Subject, askers: number): Promise<Rate> {
  const beforeMs = cpuMs();
  const samples = await closedLoop(ask, askers, calmMs);
  const usedMs = cpuMs() - beforeMs;
  const answers = accepted(samples);
  const perSecond = (answers.length * 1_000) / calmMs;
  const perCpuSecond = (answers.length * 1_000) / usedMs;
  print(`${title}, ${askers} askers in turn: ${perSecond.toFixed(0)}/s, ${latencies(answers)}`);
  const rest = share(samples.length - answers.length, samples.length);
  print(`  ${perCpuSecond.toFixed(0)} for each CPU second, ${rest} not answered`);
  return { perSecond, perCpuSecond };
}

/** Connections that the system dropped because too many waited to be taken, since it was started. */
function dropped(): number {
  const lines = readFileSync('/proc/net/netstat', 'utf8').split('\n');
  const [names = [], values = []] = lines
    .filter((line) => line.startsWith('TcpExt:'))
    .map((line) => line.split(' '));
  return Number(values[names.indexOf('ListenDrops')]);
}

async function overload({ ask, cpuMs }: Subject, best: Rate): Promise<Rate> {
  const droppedBefore = dropped();
  const beforeMs = cpuMs();
  const { due, sent, samples, within, seconds, lateMs } = await openLoop(
    ask,
    best.perSecond * times,
    offeredMs,
  );
  const usedMs = cpuMs() - beforeMs;
  const answers = accepted(samples);
  const shed = samples.filter(({ status }) => status === 503);
  const failed = samples.filter(({ status }) => status !== 200 && status !== 503);
  const withRetry = shed.filter(({ retryAfter }) => retryAfter);
  const perSecond = accepted(within).length / seconds;
  const offered = `${(due / seconds).toFixed(0)}/s for ${seconds.toFixed(1)} s (${due})`;
  print(`offered ${offered}, at most ${lateMs.toFixed(0)} ms late`);
  print(`  answered ${perSecond.toFixed(0)}/s: ${latencies(answers)}`);
  print(`    once connected: ${connected(answers)}`);
  print(`  shed with 503: ${shed.length} (${share(shed.length, due)})`);
  if (shed.length > 0) {
    print(`    ${latencies(shed)}; once connected: ${connected(shed)}`);
    print(`    with Retry-After: ${share(withRetry.length, shed.length)}`);
  }
  const moreMs = usedMs - (answers.length * 1_000) / best.perCpuSecond;
  print(`  CPU beyond what the answers cost when calm: ${share(moreMs, usedMs)}`);
  print(`  not taken yet, all connections waiting: ${due - sent} (${share(due - sent, due)})`);
  print(`  failed: ${failed.length}, without an answer: ${sent - samples.length}`);
  print(`  connections dropped by the system: ${dropped() - droppedBefore}`);
  return { perSecond, perCpuSecond: (answers.length * 1_000) / usedMs };
}

/** Calm, overload, calm: what is left is compared with the better of the two. */
async function measure(title: string, subject: Subject, askers: number): Promise<void> {
  print(`${title}:`);
  const before = await calm('before', subject, askers);
  const { perSecond, perCpuSecond } = await overload(subject, before);
  await sleep(1_000);
  const after = await calm('after', subject, askers);
  const rate = share(perSecond, Math.max(before.perSecond, after.perSecond));
  const cpu = share(perCpuSecond, Math.max(before.perCpuSecond, after.perCpuSecond));
  print(`${title}: under overload ${rate} of the best rate, ${cpu} by CPU time\n`);
}

const areApart = pin(process.pid, 1);
const { jwks, tokens } = await makeTokens(200);

interface Rig {
  readonly port: number;
  /** Requests that this gateway's callers send; `more` are further headers. */
  readonly requests: (more?: string) => () => string;
  readonly cpuMs: () => number;
}

/** A gateway of its own for each kind of operation; says at the end why it refused. */
async function withGateway(asked: Asked, run: (rig: Rig) => Promise<void>): Promise<void> {
  await using upstream = await startConstant({
    body: JSON.stringify({ data: asked.data }),
    delayMs: 5,
  });
  const files = benchFiles(upstream.url, jwks);
  await using gateway = await startGateway({
    ...files,
    'gateway.yaml': `${files['gateway.yaml']}`.replace(
      'url: ',
      `connections: ${upstreamConnections}, url: `,
    ),
  });
  if (!areApart || !pin(gateway.pid, 0)) print('all share the cores there are');
  const { port, pathname: path } = new URL(gateway.url);
  await run({
    port: Number(port),
    requests: (more = '') => createRequests(asked, { tokens, path, more }),
    cpuMs: gateway.cpuMs,
  });
  printRefusals((await gateway.stop()).log);
}

async function measureStaying(title: string, { port, requests, cpuMs }: Rig): Promise<void> {
  const next = requests();
  const warming = overConnections(port, next, 64);
  await closedLoop(warming.ask, 64, 4_000);
  warming.close();
  const staying = overConnections(port, next, connections);
  await measure(`${title}, ${connections} connections that stay`, { ...staying, cpuMs }, 128);
  staying.close();
  await sleep(500);
}

function printRefusals(log: string): void {
  const reasons = new Map<string, number>();
  for (const line of log.split('\n')) {
    const reason = /"reason":"([^"]+)"/.exec(line)?.[1];
    if (reason === undefined) continue;
    const count = Number(/"kind":"flood".*"count":(\d+)/.exec(line)?.[1] ?? 1);
    reasons.set(reason, (reasons.get(reason) ?? 0) + count);
  }
  print(`refused, by the log: ${JSON.stringify(Object.fromEntries(reasons))}\n`);
}

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '3000' },
    lists: { type: 'boolean', default: false },
  },
});

if (!options.lists)
  await withGateway(one, async (rig) => {
    await measureStaying('point queries', rig);
    const leave = rig.requests('connection: close\r\n');
    for (const most of [openFew, openMany]) {
      const ask = reconnecting(rig.port, leave, most);
      await closedLoop(ask, 128, 2_000);
      const title = `point queries, a connection for each request, ${most} open`;
      await measure(title, { ask, cpuMs: rig.cpuMs }, 128);
    }
  });
for (const rows of options.rows.split(',').map(Number)) {
  await withGateway(many(rows), (rig) => measureStaying(`lists of ${rows} rows`, rig));
}
