/**
 * Prints what the gateway holds in memory under full load, after one minute and at the end, after
 * 100,000 documents that are all different, and after a fifth as many more that come often enough
 * to be kept. Fails where the first grows by more than 10 %, or the second by more than its caches
 * may hold; the last shows what V8 makes of caches that are full and in turnover.
 * `node test/bench/memory.ts [--minutes 10] [--documents 100000] [--profile FOLDER]`; Linux.
 * The profile is a `.heapprofile` of the whole run, for the developer tools of a browser.
 */
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { type Entrant, startLoadGenerator } from './compare/measure.ts';
import { openSite, type Site } from './compare/site.ts';
import { startFieldgate } from './compare/start-fieldgate.ts';
import { workloads } from './compare/workloads.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    documents: { type: 'string', default: '100000' },
    profile: { type: 'string' },
  },
});
const minutes = Number(values.minutes);
const documents = Number(values.documents);
const askers = 16;
/** Plans and documents, as gateway/caches.md has them. */
const cachesMb = (64 + 32) * 1.048576;
/** A document is kept the second time it comes, its plan the third. */
const untilKept = 3;
const growthMax = 1.1;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** All workloads in turn; resolves with the RSS after one minute and at the end, in MB. */
async function loadFor({ contender, started }: Entrant, site: Site): Promise<[number, number]> {
  await using generator = startLoadGenerator();
  const endMs = performance.now() + minutes * 60_000;
  const minuteMs = performance.now() + 60_000;
  let afterMinute: number | undefined;
  for (let turn = 0; performance.now() < endMs; turn += 1) {
    const workload = workloads[turn % workloads.length];
    if (workload === undefined) break;
    const result = await generator.load({
      url: started.url(workload.name),
      workload: workload.name,
      ...(contender.dialect !== undefined && { dialect: contender.dialect }),
      tokens: site.tokens,
      askers,
      forMs: 2_000,
      from: turn * 1_000_003,
    });
    if (result.failed > 0) say(`${workload.name}: ${result.failed} failed; ${result.example}`);
    if (afterMinute === undefined && performance.now() >= minuteMs) afterMinute = started.rssMb();
  }
  return [afterMinute ?? started.rssMb(), started.rssMb()];
}

/** Documents from `from` up to `to`, each so often; those of one asker follow upon each other. */
async function sendDocuments(
  { started }: Entrant,
  site: Site,
  about: { from: number; to: number; times: number },
): Promise<void> {
  const { origin, pathname } = new URL(started.url(''));
  const pool = new Pool(origin, { connections: askers, pipelining: 1 });
  let next = about.from;
  const send = async (document: number): Promise<void> => {
    const names = `a${document}: firstName b${document}: lastName jobTitle department workEmail`;
    const query = `query D${document}($id: ID!) { employee(id: $id) { id ${names} } }`;
    const { statusCode, body } = await pool.request({
      method: 'POST',
      path: pathname,
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${site.tokens[document % site.tokens.length]}`,
      },
      body: JSON.stringify({ query, variables: { id: String(document % 1_000) } }),
    });
    const text = await body.text();
    if (statusCode === 503) await send(document);
    else if (statusCode !== 200) throw new Error(`${statusCode} ${text.slice(0, 300)}`);
  };
  const one = async (): Promise<void> => {
    while (next < about.to) {
      const document = next;
      next += 1;
      for (let sent = 0; sent < about.times; sent += 1) await send(document);
    }
  };
  await Promise.all(Array.from({ length: askers }, one));
  await pool.close();
}

const mb = (value: number): string => `${value.toFixed(0)} MB`;

await using site = await openSite();
const { profile } = values;
const nodeArgs = profile === undefined ? [] : ['--heap-prof', `--heap-prof-dir=${profile}`];
const entrant = await startFieldgate(site, { name: 'memory', nodeArgs });
await using started = entrant.started;
say(`started: ${mb(started.rssMb())}`);
const [early, late] = await loadFor(entrant, site);
const grown = late / early;
say(`load: ${mb(early)} after 1 minute, ${mb(late)} after ${minutes}: ${grown.toFixed(2)} x`);
await sendDocuments(entrant, site, { from: 0, to: documents, times: 1 });
const after = started.rssMb();
const more = after - late;
say(`${documents} documents: ${mb(after)}, ${mb(more)} more; the caches may hold ${mb(cachesMb)}`);
const to = documents + Math.ceil(documents / 5);
await sendDocuments(entrant, site, { from: documents, to, times: untilKept });
say(`${to - documents} that are kept: ${mb(started.rssMb())}`);
if (grown > growthMax || more > cachesMb) process.exitCode = 1;
