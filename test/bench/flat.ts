/**
 * Prints whether the gateway's cost is flat in policy and linear in rows: W1 to W3 with a small
 * schema and few rules, with 6,000 further coordinates, and with 10,000 further rules on them; and
 * the cost of a row in answers of 100 rows and of 10,000. Fails past 10 % and past 1.2 times.
 *
 * Two processes that are alike differ by up to a quarter, each for as long as it lives: what a
 * process found out early it compiles for. So each set starts its own, and the median of sets counts.
 * `node test/bench/flat.ts [--sets 5] [--rounds 5] [--load-ms 1000] [--only policies|rows]`; Linux,
 * CPU time is read from /proc.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { makeTokens, startGateway } from './child-process.ts';
import { type Entrant, measure, startLoadGenerator } from './compare/measure.ts';
import { openSite, type Site } from './compare/site.ts';
import { startFieldgate } from './compare/start-fieldgate.ts';
import { cpuRatio, median } from './compare/statistics.ts';
import { workloads } from './compare/workloads.ts';

const { values } = parseArgs({
  options: {
    sets: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '5' },
    'load-ms': { type: 'string', default: '1000' },
    only: { type: 'string' },
  },
});
const sets = Number(values.sets);
const rounds = Number(values.rounds);
const loadMs = Number(values['load-ms']);
const types = 300;
const fieldsPerType = 20;
const rules = 10_000;
const policyMax = 1.1;
const rowMax = 1.2;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const range = (length: number): number[] => Array.from({ length }, (_, at) => at);

const wideSdl = `
type Query { ${range(types)
  .map((type) => `wide${type}: Wide${type}`)
  .join(' ')} }
${range(types)
  .map(
    (type) =>
      `type Wide${type} { ${range(fieldsPerType)
        .map((field) => `f${field}: String`)
        .join(' ')} }`,
  )
  .join('\n')}`;

const withCoordinates = (files: Record<string, string>): Record<string, string> => {
  const config = files['gateway.yaml'] ?? '';
  const upstream = '\n  wide: { graphql: wide.graphql, url: "http://127.0.0.1:9/graphql" }\njoins:';
  return {
    ...files,
    'gateway.yaml': config.replace('\njoins:', upstream),
    'wide.graphql': wideSdl,
  };
};

const withRules = (files: Record<string, string>): Record<string, string> => {
  const written = range(rules).map((rule) => {
    const type = rule % types;
    const field = Math.floor(rule / types) % fieldsPerType;
    return `  - { name: wide-${rule}, fields: { Wide${type}: [f${field}] }, allow: { scopes: ["wide:${rule}"] } }`;
  });
  return {
    ...withCoordinates(files),
    'policies/access/wide.yaml': `version: 1\nrules:\n${written.join('\n')}\n`,
  };
};

const plans = [
  { name: 'small' },
  { name: 'coordinates', change: withCoordinates },
  { name: 'rules', change: withRules },
];
const measured = workloads.slice(0, 3);

/** What each plan costs by what the small one costs, of processes that live for this set alone. */
async function measureSet(site: Site, set: number): Promise<Map<string, number>> {
  await using stack = new AsyncDisposableStack();
  const entrants: Entrant[] = [];
  for (let at = 0; at < plans.length; at += 1) {
    // Not always in the same order: who starts first finds another machine.
    const plan = plans[(at + set) % plans.length];
    if (plan === undefined) continue;
    const entrant = await startFieldgate(site, { ...plan, name: `${plan.name}-${set}` });
    stack.use(entrant.started);
    entrants.push({ ...entrant, contender: { ...entrant.contender, name: plan.name } });
  }
  const generator = stack.use(startLoadGenerator());
  const figures = await measure(entrants, {
    site,
    workloads: measured,
    generator,
    measurement: { rounds, loadMs, warmUp: { forMs: 4_000, requestsMax: 4_000 }, askers: 8 },
    progress: () => undefined,
  });
  const ratios = new Map<string, number>();
  for (const { name: workload } of measured) {
    for (const { name } of plans.slice(1)) {
      const ratio = cpuRatio(figures, workload, [name, 'small']);
      ratios.set(`${workload} ${name}`, ratio);
    }
  }
  return ratios;
}

async function comparePolicies(): Promise<boolean> {
  await using site = await openSite();
  const bySet: Map<string, number>[] = [];
  for (let set = 0; set < sets; set += 1) bySet.push(await measureSet(site, set));
  let isFlat = true;
  for (const what of bySet[0]?.keys() ?? []) {
    const ratios = bySet.map((ratiosOf) => ratiosOf.get(what) ?? Number.NaN);
    const ratio = median(ratios);
    isFlat &&= ratio <= policyMax;
    const each = ratios.map((one) => one.toFixed(2)).join(' ');
    say(`${what.padEnd(14)} ${ratio.toFixed(3)} x small (sets: ${each})`);
  }
  return isFlat;
}

const rowFiles = (url: string, jwks: string): Record<string, string> => ({
  'jwks.json': jwks,
  'gateway.yaml': `
version: 1
listen: { port: 0 }
admin: { port: 0 }
upstreams:
  staff: { graphql: staff.graphql, url: ${url} }
identity:
  jwt:
    - { issuer: "https://idp.example.com", audience: bench, jwks: jwks.json, algorithms: [ES256] }
`,
  'staff.graphql':
    'type Query { people: [Person!]! } type Person { id: ID! first: String last: String title: String mail: String ssn: String }',
  'policies/access/staff.yaml': `
version: 1
rules:
  - name: people
    fields: { Query: [people], Person: [id, first, last, title, mail] }
    allow: { scopes: [staff:read] }
  - { name: ssn, fields: { Person: [ssn] }, otherwise: [{ mask: last4, allow: { scopes: [staff:read] } }] , allow: { scopes: [ssn] } }
`,
});

const person = (id: number) => ({
  id: String(id),
  first: `First ${id}`,
  last: `Last ${id}`,
  title: 'Engineer',
  mail: `person.${id}@example.com`,
  ssn: `900-00-${1_000 + (id % 9_000)}`,
});

/** In this process, which is not measured: the body is too long for the arguments of another. */
async function answerAlways(stack: AsyncDisposableStack, body: string): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json').end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stack.defer(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Microseconds of CPU for a row, by how many an answer has, of processes of this set alone. */
async function measureRows(): Promise<[few: number, many: number]> {
  await using stack = new AsyncDisposableStack();
  const { jwks, tokens } = await makeTokens(8);
  const sizes = [100, 10_000];
  const sides = [];
  for (const size of sizes) {
    const body = JSON.stringify({ data: { people: range(size).map(person) } });
    const url = await answerAlways(stack, body);
    sides.push({ size, child: stack.use(await startGateway(rowFiles(url, jwks))) });
  }
  const ask = async (url: string, requests: number): Promise<void> => {
    for (let sent = 0; sent < requests; sent += 1) {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${tokens[sent % tokens.length]}`,
        },
        body: JSON.stringify({ query: '{ people { id first last title mail ssn } }' }),
      });
      const text = await response.text();
      if (response.status !== 200 || !text.includes('First 7')) throw new Error(text.slice(0, 300));
    }
  };
  const perRow = new Map<number, number[]>(sizes.map((size) => [size, []]));
  // As many rows each: 200,000 a round.
  for (const { size, child } of sides) await ask(child.url, 200_000 / size);
  for (let round = 0; round < rounds; round += 1) {
    for (const { size, child } of sides) {
      const requests = 200_000 / size;
      const before = child.cpuMs();
      await ask(child.url, requests);
      perRow.get(size)?.push(((child.cpuMs() - before) * 1_000) / (requests * size));
    }
  }
  const [few = Number.NaN, many = Number.NaN] = sizes.map((size) => median(perRow.get(size) ?? []));
  return [few, many];
}

async function compareRows(): Promise<boolean> {
  const bySet: [number, number][] = [];
  for (let set = 0; set < sets; set += 1) bySet.push(await measureRows());
  const ratio = median(bySet.map(([few, many]) => many / few));
  const each = bySet.map(([few, many]) => `${many.toFixed(2)}/${few.toFixed(2)}`).join(' ');
  say(`rows: one of 10,000 costs ${ratio.toFixed(3)} x one of 100 (us, sets: ${each})`);
  return ratio <= rowMax;
}

const isFlat = values.only === 'rows' || (await comparePolicies());
const isLinear = values.only === 'policies' || (await compareRows());
if (!isFlat || !isLinear) process.exitCode = 1;
