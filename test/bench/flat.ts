/**
 * Prints whether the gateway's cost is flat in policy and linear in rows: W1 to W3 with a small
 * schema and few rules, with 6,000 further coordinates, and with 10,000 further rules on them; and
 * the cost of a row in answers of 100 rows and of 10,000. Fails past 10 % and past 1.2 times.
 * `node test/bench/flat.ts [ROUNDS] [LOAD_MS]`; Linux, CPU time is read from /proc.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makeTokens, startGateway } from './child-process.ts';
import { type Entrant, measure, startLoadGenerator } from './compare/measure.ts';
import { openSite } from './compare/site.ts';
import { startFieldgate } from './compare/start-fieldgate.ts';
import { cpuRatio, median } from './compare/statistics.ts';
import { workloads } from './compare/workloads.ts';

const [rounds = 7, loadMs = 3_000] = process.argv.slice(2).map(Number);
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

async function comparePolicies(): Promise<boolean> {
  await using site = await openSite();
  await using stack = new AsyncDisposableStack();
  const plans = [
    { name: 'small' },
    { name: 'coordinates', change: withCoordinates },
    { name: 'rules', change: withRules },
  ];
  const entrants: Entrant[] = [];
  for (const plan of plans) {
    const entrant = await startFieldgate(site, plan);
    stack.use(entrant.started);
    entrants.push(entrant);
  }
  const generator = stack.use(startLoadGenerator());
  const measured = workloads.slice(0, 3);
  const figures = await measure(entrants, {
    site,
    workloads: measured,
    generator,
    measurement: { rounds, loadMs, warmUp: { forMs: 5_000, requestsMax: 4_000 }, askers: 8 },
    progress: () => undefined,
  });
  let isFlat = true;
  for (const { name: workload } of measured) {
    for (const name of ['coordinates', 'rules']) {
      const ratio = cpuRatio(figures, workload, [name, 'small']);
      isFlat &&= ratio <= policyMax;
      say(`${workload} ${name.padEnd(11)} ${ratio.toFixed(3)} x small`);
    }
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

async function compareRows(): Promise<boolean> {
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
  say(`rows: ${few.toFixed(2)} us each of 100, ${many.toFixed(2)} us each of 10,000`);
  return many <= few * rowMax;
}

const isFlat = await comparePolicies();
const isLinear = await compareRows();
if (!isFlat || !isLinear) process.exitCode = 1;
