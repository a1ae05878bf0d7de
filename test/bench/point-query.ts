/**
 * Prints the gateway's CPU time per request for a point query and for a list over REST, beside a
 * plain reverse proxy and the reference engine, in interleaved rounds with varied variables.
 * `node test/bench/point-query.ts [ROUNDS] [REQUESTS]`; Linux, CPU time is read from /proc.
 */
import { Pool } from 'undici';
import { makeTokens, startConstant, startGateway, startScript } from './child-process.ts';

const [rounds = 5, requests = 4_000] = process.argv.slice(2).map(Number);
const askers = 8;

const employee = (id: number) => ({
  id: String(id),
  firstName: `First ${id}`,
  lastName: `Last ${id}`,
  jobTitle: 'Engineer',
  managerId: String(id % 7),
  workEmail: `person.${id}@example.com`,
});

const openapi = `
openapi: 3.1.0
info: { title: Staff, version: 1.0.0 }
paths:
  /employees:
    get:
      parameters: [{ name: limit, in: query, schema: { type: integer } }]
      responses:
        "200":
          description: Employees.
          content: { application/json: { schema: { type: array, items: { $ref: "#/components/schemas/Employee" } } } }
  /employees/{id}:
    get:
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses:
        "200":
          description: One.
          content: { application/json: { schema: { $ref: "#/components/schemas/Employee" } } }
components:
  schemas:
    Employee:
      type: object
      required: [id, firstName, lastName, jobTitle, managerId, workEmail]
      properties:
        id: { type: string }
        firstName: { type: string }
        lastName: { type: string }
        jobTitle: { type: string }
        managerId: { type: string }
        workEmail: { type: string }
`;

const files = (url: string, jwks: string, engine: string): Record<string, string> => ({
  'jwks.json': jwks,
  'openapi.yaml': openapi,
  'gateway.yaml': `
version: 1
engine: ${engine}
listen: { port: 0 }
admin: { port: 0 }
upstreams:
  staff:
    openapi: openapi.yaml
    url: ${url}
    operations: { Query.employee: "GET /employees/{id}", Query.employees: GET /employees }
    headers: { authorization: Bearer bench }
identity:
  jwt:
    - { issuer: "https://idp.example.com", audience: bench, jwks: jwks.json, algorithms: [ES256] }
introspection: nobody
`,
  'policies/access/staff.yaml': `
version: 1
rules:
  - name: directory
    fields: { Query: [employee, employees], Employee: [id, firstName, lastName, jobTitle, managerId, workEmail] }
    allow: { scopes: [staff:read] }
`,
  'policies/rates/default.yaml': `
version: 1
rates:
  - { name: per-address, per: address, limit: 100000000, window: 1m }
  - { name: per-caller, per: caller, limit: 100000000, window: 1m }
  - { name: lookups, fields: { Query: [employee, employees] }, per: caller, limit: 100000000, window: 1m }
`,
  'policies/limits/default.yaml': 'version: 1\nlimits: { inFlightPerCaller: 1000 }\n',
});

const workloads = {
  point: {
    body: JSON.stringify(employee(7)),
    query:
      'query One($id: ID!) { employee(id: $id) { id firstName lastName jobTitle managerId workEmail } }',
    variables: (count: number) => ({ id: String(count % 10_000) }),
    path: '/employees/7',
    share: 1,
  },
  rows: {
    body: JSON.stringify(Array.from({ length: 100 }, (_, id) => employee(id))),
    query:
      'query Many($n: Int) { employees(limit: $n) { id firstName lastName jobTitle managerId workEmail } }',
    variables: (count: number) => ({ n: 50 + (count % 50) }),
    path: '/employees',
    share: 0.4,
  },
} as const;

async function load(
  url: string,
  { query, variables }: { query: string; variables: (count: number) => object },
  tokens: readonly string[],
  total: number,
): Promise<void> {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: askers, pipelining: 1 });
  let sent = 0;
  const one = async (): Promise<void> => {
    while (sent < total) {
      sent += 1;
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: pathname,
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${tokens[sent % tokens.length]}`,
        },
        body: JSON.stringify({ query, variables: variables(sent) }),
      });
      const text = await body.text();
      // A busy machine is shed like any other; the request is made again.
      if (statusCode === 503) {
        sent -= 1;
        continue;
      }
      if (statusCode !== 200 || !text.includes('First 7') || text.includes('"errors"')) {
        throw new Error(`${url}: ${statusCode} ${text.slice(0, 300)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: askers }, one));
  await pool.close();
}

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

const only = process.env.BENCH_ONLY?.split(',');
const { jwks, tokens } = await makeTokens(50);
for (const [name, work] of Object.entries(workloads)) {
  await using stack = new AsyncDisposableStack();
  const upstream = stack.use(await startConstant({ body: work.body }));
  const proxy = stack.use(
    await startScript('reverse-proxy.ts', [new URL(upstream.url).origin, work.path]),
  );
  const compiled = stack.use(await startGateway(files(upstream.url, jwks, 'compiled')));
  const reference = stack.use(await startGateway(files(upstream.url, jwks, 'reference')));
  const contenders = Object.entries({ proxy, compiled, reference }).filter(
    ([one]) => only?.includes(one) !== false,
  );
  const total = Math.ceil(requests * work.share);
  for (const [, { url }] of contenders) await load(url, work, tokens, total / 2);
  const figures = new Map<string, number[]>(contenders.map(([one]) => [one, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [one, child] of contenders) {
      const before = child.cpuMs();
      await load(child.url, work, tokens, total);
      figures.get(one)?.push((child.cpuMs() - before) / total);
    }
  }
  const base = median(figures.get('proxy') ?? []);
  for (const [one, values] of figures) {
    const cpu = median(values);
    process.stdout.write(
      `${name.padEnd(6)} ${one.padEnd(10)} ${cpu.toFixed(3)} CPU-s per 1,000, ${(cpu / base).toFixed(2)} x proxy\n`,
    );
  }
}
