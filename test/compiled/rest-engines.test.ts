/**
 * Both engines over REST upstreams with unions, maps, enums, wrapped lists and sparse fieldsets,
 * joined and linked, whose bodies are tampered with: equal answers, equal records, equal calls.
 * `FUZZ_RUNS` sets the number of operations, `FUZZ_SEED` the first; a failure names its seed.
 */
import { afterAll, expect, test } from 'vitest';
import type { ApiDocument } from '../../gateway/delegate/openapi/document/api-document.ts';
import { toDocument } from '../delegate/openapi-rig.ts';
import { differences, type Outcome } from '../properties/compare-engines.ts';
import type { Operation } from '../properties/generate-operation.ts';
import { createRandom } from '../properties/random.ts';
import { validOperation } from '../properties/valid-operation.ts';
import { type TestGateway, type TestRestUpstream, testGateway } from '../support/gateway.ts';

const runs = Number(process.env.FUZZ_RUNS ?? 400);
/** The same for every change, so that the change is judged; others are tried with FUZZ_SEED. */
const firstSeed = Number(process.env.FUZZ_SEED ?? 314_159);

const text = { type: 'string' };
const car = {
  type: 'object',
  required: ['kind', 'plate'],
  properties: { kind: { const: 'car' }, plate: text, seats: { type: 'integer' } },
};
const laptop = {
  type: 'object',
  required: ['kind', 'serial'],
  properties: { kind: { const: 'laptop' }, serial: text, seats: text },
};
const asset = { oneOf: [car, laptop], discriminator: { propertyName: 'kind' } };
const labels = {
  type: 'object',
  required: ['team'],
  properties: { team: text },
  additionalProperties: text,
};
const employee = {
  type: 'object',
  required: ['id', 'first-name', 'state', 'assets'],
  properties: {
    id: text,
    'first-name': text,
    age: { type: 'integer' },
    state: { type: 'string', enum: ['in-office', 'away'] },
    managerId: { type: ['string', 'null'] },
    email: text,
    since: text,
    address: { type: 'object', required: ['city'], properties: { city: text, zip: text } },
    tags: { type: 'array', items: text },
    extra: {},
    assets: { type: 'array', items: asset },
    main: asset,
    labels,
  },
};
const pay = {
  type: 'object',
  required: ['id'],
  properties: { id: text, grade: text, amount: { type: 'number' } },
};
const payslip = {
  type: 'object',
  required: ['id', 'net'],
  properties: {
    id: text,
    net: { type: 'number' },
    ownerId: text,
    bank: { type: 'object', required: ['name'], properties: { name: text, city: text } },
  },
};

const parameter = (name: string, where: string, schema: unknown, required = where === 'path') => ({
  name,
  in: where,
  required,
  schema,
});
const fields = parameter('fields', 'query', text);
const answers = (schema: unknown, parameters: unknown[]) => ({
  get: { parameters, responses: { 200: { content: { 'application/json': { schema } } } } },
});
const list = (items: unknown) => ({ type: 'array', items });

const staff: ApiDocument = toDocument(
  {
    '/employees/{id}': answers(employee, [parameter('id', 'path', text), fields]),
    '/employees': answers(list(employee), [
      parameter('first', 'query', { type: 'integer' }),
      fields,
    ]),
    '/assets': answers(list(asset), [fields]),
    '/labels': answers(labels, []),
  },
  { Employee: employee, Car: car, Laptop: laptop, Labels: labels },
);
const page = {
  type: 'object',
  required: ['data'],
  properties: { data: list(payslip), total: { type: 'integer' } },
};
const ledger: ApiDocument = toDocument(
  { '/payslips': answers(page, [fields]) },
  { Payslip: payslip, Page: page },
);
const payroll: ApiDocument = toDocument(
  { '/pay': answers(list(pay), [parameter('ids', 'query', list(text), true), fields]) },
  { Employee: pay },
);

const rows = Array.from({ length: 5 }, (_, n) => ({
  id: `E${n}`,
  'first-name': `Name ${n}`,
  age: 30 + n,
  state: n % 2 === 0 ? 'in-office' : 'away',
  managerId: n === 0 ? null : `E${n - 1}`,
  email: `person.${n}@example.com`,
  since: `20${10 + n}-01-01`,
  address: { city: `City ${n}`, zip: `0${n}` },
  tags: ['a', 'b'],
  extra: { any: [n] },
  assets: [
    { kind: 'car', plate: `P${n}`, seats: 4 },
    { kind: 'laptop', serial: `S${n}`, seats: 'none' },
  ],
  main: { kind: 'car', plate: `M${n}` },
  labels: { team: `T${n}`, colour: 'red' },
  grade: `G${n}`,
  amount: 1000 + n,
}));
const payslips = {
  total: 3,
  data: [0, 1, 9].map((n) => ({
    id: `L${n}`,
    net: n * 100,
    ownerId: `E${n}`,
    bank: { name: 'Bank', city: 'Oslo' },
  })),
};

const rules = JSON.stringify({
  version: 1,
  rules: [
    {
      name: 'open',
      fields: {
        Query: ['*'],
        Employee: [
          'id',
          'firstName',
          'age',
          'state',
          'managerId',
          'address',
          'tags',
          'extra',
          'assets',
        ],
        EmployeeAddress: ['*'],
        Car: ['kind', 'seats'],
        Laptop: ['*'],
        Labels: ['team', 'additionalProperties'],
      },
      allow: 'everyone',
    },
    {
      name: 'more',
      fields: { Employee: ['main', 'manager', 'labels'] },
      allow: { scopes: ['more'] },
    },
    {
      name: 'plates',
      class: 'plate',
      fields: { Car: ['plate'] },
      allow: { scopes: ['plates'] },
      otherwise: [{ mask: 'hash', allow: 'everyone' }, 'deny'],
    },
    {
      name: 'mail',
      class: 'mail',
      fields: { Employee: ['email'] },
      allow: { scopes: ['mail'] },
      otherwise: [{ mask: 'domain', allow: { scopes: ['more'] } }, 'hide'],
    },
    {
      name: 'since',
      class: 'date',
      fields: { Employee: ['since'] },
      allow: { scopes: ['since'] },
      otherwise: [{ mask: 'year', allow: 'everyone' }, 'deny'],
    },
    {
      name: 'slips',
      fields: { Page: ['*'], Payslip: ['*'], PayslipBank: ['*'] },
      allow: 'everyone',
    },
    {
      name: 'pay',
      class: 'pay',
      fields: { Employee: ['grade', 'amount'] },
      allow: { scopes: ['pay'] },
    },
  ],
});

interface Hostility {
  seed: number;
  share: number;
}

/** The same value at the same place is tampered with alike, whoever asks and however often. */
function tamper(value: unknown, place: string, hostility: Hostility): unknown {
  const random = createRandom(hash(`${hostility.seed} ${place}`));
  if (random.chance(hostility.share)) {
    return random.pick<unknown>([null, null, 7, 'text', {}, [], true, [null], undefined]);
  }
  if (Array.isArray(value)) {
    const items = random.chance(hostility.share)
      ? random.pick([value.toReversed(), value.slice(1), [...value, ...value], [null, ...value]])
      : value;
    return items.map((item, index) => tamper(item, `${place}/${index}`, hostility));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, tamper(inner, `${place}/${key}`, hostility)]),
  );
}

function hash(given: string): number {
  let value = 2166136261;
  for (let index = 0; index < given.length; index += 1) {
    value = Math.imul(value ^ given.charCodeAt(index), 16777619);
  }
  return value >>> 0;
}

/** Only the properties that were asked for, where the request says which. */
function sparse(value: unknown, asked: string | null, within?: string): unknown {
  if (asked === null || typeof value !== 'object' || value === null) return value;
  if (within !== undefined) {
    return { ...value, [within]: sparse(Reflect.get(value, within), asked) };
  }
  if (Array.isArray(value)) return value.map((item) => sparse(item, asked));
  const names = new Set(asked.split(',').map((name) => name.split('.')[0]));
  return Object.fromEntries(Object.entries(value).filter(([name]) => names.has(name)));
}

function played(
  bodyOf: (url: URL) => unknown,
  hostility: Hostility,
  within?: string,
): TestRestUpstream['answer'] {
  return ({ path }) => {
    const url = new URL(path, 'http://upstream');
    const asked = url.searchParams.get('fields');
    url.searchParams.delete('fields');
    const random = createRandom(hash(`${hostility.seed} whole ${url.pathname}`));
    if (random.chance(hostility.share / 2)) {
      return random.pick([
        { status: 500, body: 'ORA-600' },
        { status: 404, body: '{}' },
        { status: 200, body: 'oops' },
        { status: 200, body: '' },
      ]);
    }
    const value = tamper(bodyOf(url), url.pathname, hostility);
    return { status: 200, body: JSON.stringify(sparse(value, asked, within) ?? null) };
  };
}

const byId = (id: string): unknown => rows.find((row) => row.id === id) ?? null;

function staffValue({ pathname, searchParams }: URL): unknown {
  const [, kind, id] = pathname.split('/');
  if (kind === 'employees' && id !== undefined) return byId(id);
  if (kind === 'employees') return rows.slice(0, Number(searchParams.get('first') ?? 3));
  return kind === 'assets' ? rows[0]?.assets : rows[0]?.labels;
}

function openSide(engine: 'compiled' | 'reference', hostility: Hostility): Promise<TestGateway> {
  return testGateway({
    engine,
    upstreams: {},
    rest: {
      staff: {
        document: staff,
        operations: {
          'Query.employee': 'GET /employees/{id}',
          'Query.employees': 'GET /employees',
          'Query.assets': 'GET /assets',
          'Query.labels': 'GET /labels',
        },
        select: { parameter: 'fields', nested: 'dotted' },
        answer: played(staffValue, hostility),
      },
      payroll: {
        document: payroll,
        operations: { 'Query.pay': 'GET /pay' },
        select: { parameter: 'fields', nested: 'top' },
        // One row for each key, whatever else is asked for: batches differ between engines.
        answer: played(({ searchParams }) => searchParams.getAll('ids').map(byId), {
          seed: 0,
          share: 0,
        }),
      },
      ledger: {
        document: ledger,
        operations: { 'Query.payslips': 'GET /payslips' },
        select: { parameter: 'fields', in: 'data', nested: 'dotted' },
        answer: played(() => payslips, hostility, 'data'),
      },
    },
    joins: {
      Employee: {
        key: 'id',
        staff: { field: 'employee', argument: 'id' },
        payroll: { field: 'pay', argument: 'ids', batch: true },
      },
    },
    links: {
      'Employee.manager': {
        upstream: 'staff',
        field: 'employee',
        argument: 'id',
        from: 'managerId',
      },
      'Payslip.owner': { upstream: 'staff', field: 'employee', argument: 'id', from: 'ownerId' },
    },
    rules,
    maskKey: 'a key of both',
    limits: { cost: Number.MAX_SAFE_INTEGER, depth: 50, listSize: Number.MAX_SAFE_INTEGER },
    subjects: new Map([['Employee', { type: 'Employee', field: 'id' }]]),
  });
}

async function ask(
  side: TestGateway,
  scopes: readonly string[],
  { query, variables, operationName }: Operation,
): Promise<Outcome> {
  side.requests.length = 0;
  side.records.length = 0;
  const answer = await side.query(query, {
    as: { scopes: [...scopes] },
    variables: { ...variables },
    ...(operationName === undefined ? {} : { operationName }),
  });
  const [record] = side.records;
  if (record === undefined) throw new Error('no record');
  return { answer, record, asked: counted(side.requests.flatMap(placesOf)) };
}

function counted(places: readonly string[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const place of places) times.set(place, (times.get(place) ?? 0) + 1);
  return times;
}

/** Each property of each row that was asked for; how keys are batched is an engine's own business. */
function placesOf({ upstream, query }: TestGateway['requests'][number]): string[] {
  const url = new URL(query.replace('GET ', ''), 'http://upstream');
  const names = (url.searchParams.get('fields') ?? '*').split(',');
  const ids = url.searchParams.getAll('ids');
  url.searchParams.delete('fields');
  url.searchParams.delete('ids');
  const rest = `${upstream} ${url.pathname}${url.search}`;
  const keys = ids.length === 0 ? [rest] : ids.map((id) => `${rest} ${id}`);
  return keys.flatMap((key) => names.map((name) => `${key} ${name}`));
}

const hostility: Hostility = { seed: 0, share: 0 };
const compiled = await openSide('compiled', hostility);
const reference = await openSide('reference', hostility);
afterAll(async () => {
  await compiled.close();
  await reference.close();
});

test(
  `${runs} generated operations over REST through both engines, from seed ${firstSeed}`,
  async () => {
    const seen = { data: 0, failures: 0, masked: 0, fallbacks: 0 };
    for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
      const random = createRandom(seed);
      hostility.seed = seed;
      hostility.share = random.pick([0, 0.02, 0.1]);
      const scopes = random.subset(['more', 'plates', 'mail', 'since', 'pay'], 0.5);
      const operation = validOperation(random, compiled.publicSchema);
      const one = await ask(compiled, scopes, operation);
      const other = await ask(reference, scopes, operation);
      const wrong = differences(one, other);
      const about = `FUZZ_SEED=${seed} ${scopes.join(' ')}\n${operation.query}\n${JSON.stringify(operation.variables)}`;
      expect(wrong.length === 0 ? '' : [about, ...wrong].join('\n')).toBe('');
      if (one.record.upstreamCallCount > 0) seen.data += 1;
      if (one.record.upstreamFailures > 0) seen.failures += 1;
      if ((one.record.verdicts?.masked.length ?? 0) > 0) seen.masked += 1;
      if (one.record.engineReason !== undefined) seen.fallbacks += 1;
    }
    expect(seen.fallbacks).toBe(0);
    expect(Math.min(seen.data, seen.failures, seen.masked)).toBeGreaterThan(0);
  },
  Math.max(60_000, runs * 60),
);
