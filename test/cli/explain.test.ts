/** `explain`: the outcome, the verdict on each coordinate and what the upstreams would be sent. */
import { expect, test } from 'vitest';
import { type Files, people, runCommand } from './run-command.ts';

interface Given {
  readonly as?: unknown;
  readonly query: string;
  readonly variables?: object;
  readonly operation?: string;
}

const toText = (as: unknown) => (typeof as === 'string' ? as : JSON.stringify(as));

async function explain({ as = {}, query, variables, operation }: Given) {
  const args = ['explain', '--json', '--as', toText(as), '--query', query];
  if (variables !== undefined) args.push('--variables', JSON.stringify(variables));
  if (operation !== undefined) args.push('--operation', operation);
  const { code, stdout, directory } = await runCommand(args);
  return { code, directory, said: JSON.parse(stdout) };
}

interface Said {
  readonly coordinate: string;
  readonly verdict: string;
  readonly mask?: string;
  readonly rule?: { name: string };
  readonly missing?: readonly { needs: string; condition: string; rule: { name: string } }[];
}

/** `Person.iban mask last4 by banking needs scopes pay:read` */
function toLine({ coordinate, verdict, mask, rule, missing = [] }: Said): string {
  const parts = [coordinate, verdict, mask, rule && `by ${rule.name}`];
  const needs = missing.map(({ needs, condition }) => `needs ${needs} ${condition}`);
  return [...parts, ...needs].filter((part) => part !== undefined).join(' ');
}

const reader = { scopes: ['people:read'], claims: { tenant: 't' } };
const payroll = { scopes: ['people:read', 'pay:read'], claims: { tenant: 't' } };
const editor = { scopes: ['people:read'], roles: ['editor'], claims: { tenant: 't' } };

const verdictCases = [
  {
    name: 'all granted',
    given: { as: reader, query: '{ people { id } }' },
    code: 0,
    outcome: 'runs',
    expect: ['Query.people allow by directory', 'Person.id allow by directory'],
  },
  {
    name: 'a field denied among granted ones',
    given: { as: reader, query: '{ people { a: iban id } }' },
    code: 1,
    outcome: 'runs',
    expect: [
      'Query.people allow by directory',
      'Person.iban deny needs allow scopes pay:read',
      'Person.id allow by directory',
    ],
  },
  {
    name: 'masked is not refused',
    given: {
      as: { scopes: ['people:read', 'pay:masked'], claims: { tenant: 't' } },
      query: '{ people { iban } }',
    },
    code: 0,
    outcome: 'runs',
    expect: [
      'Query.people allow by directory',
      'Person.iban mask last4 by banking needs allow scopes pay:read',
    ],
  },
  {
    name: 'below a denied parent, once each, in order of appearance',
    given: { query: 'query { people { boss { salary boss { id } } id } }' },
    code: 1,
    outcome: 'runs',
    expect: [
      'Query.people deny needs allow scopes people:read',
      'Person.boss deny needs allow scopes people:read',
      'Person.salary deny needs allow (scopes pay:read) or (claims.team hr or 7)',
      'Person.id deny needs allow scopes people:read',
    ],
  },
  {
    name: 'an interface field at each concrete type, with an unmet require',
    given: { as: reader, query: '{ things { label } }' },
    code: 1,
    outcome: 'runs',
    expect: [
      'Query.things allow by directory',
      'Book.label allow by directory',
      'Pen.label deny needs require roles clerk',
    ],
  },
  {
    name: 'reject refuses all of it, and forbid names its rule',
    given: { as: reader, query: '{ accounts { note } people { id } }' },
    code: 1,
    outcome: 'refused authorize/denied',
    expect: [
      'Query.accounts reject needs allow scopes pay:read',
      'Account.note deny by notes',
      'Query.people allow by directory',
      'Person.id allow by directory',
    ],
  },
  {
    name: 'a governed argument that a variable brings',
    given: {
      as: reader,
      query: 'query ($tag: String) { people(tag: $tag) { id } }',
      variables: { tag: 'x' },
    },
    code: 1,
    outcome: 'runs',
    expect: [
      'Query.people allow by directory',
      'Query.people(tag:) deny needs allow scopes tags:read',
      'Person.id allow by directory',
    ],
  },
  {
    name: 'an argument whose variable is absent is not used',
    given: { as: reader, query: 'query ($tag: String) { people(tag: $tag) { id } }' },
    code: 0,
    outcome: 'runs',
    expect: ['Query.people allow by directory', 'Person.id allow by directory'],
  },
  {
    name: 'a write that is denied',
    given: {
      as: reader,
      query: 'mutation { rename(personId: "7", input: { fullName: "x" }) { id } }',
    },
    code: 1,
    outcome: 'refused authorize/denied',
    expect: [
      'Mutation.rename deny needs allow roles editor',
      'PersonUpdateInput.fullName deny needs allow roles editor',
      'Person.id allow by directory',
    ],
  },
  {
    name: 'a null for a place that has none, before anything is written',
    given: {
      as: { scopes: ['people:read'], roles: ['editor'], claims: { tenant: 't' } },
      query:
        'mutation ($id: String = "7") { rename(personId: $id, input: { fullName: "x" }) { id } }',
      variables: { id: null },
    },
    code: 1,
    outcome: 'refused limits/variables',
    expect: [
      'Mutation.rename allow by renames',
      'PersonUpdateInput.fullName allow by renames',
      'Person.id allow by directory',
    ],
  },
  {
    name: 'an anonymous caller who is not let in',
    given: { as: 'anonymous', query: '{ people { id } }' },
    code: 1,
    outcome: 'refused identify/missing',
    expect: [
      'Query.people deny needs allow scopes people:read',
      'Person.id deny needs allow scopes people:read',
    ],
  },
  {
    name: 'a limit that refuses the document',
    given: { as: reader, query: `{ people ${'{ boss '.repeat(60)}{ id }${' }'.repeat(60)} }` },
    code: 1,
    outcome: 'refused limits/too-deep',
    expect: [],
  },
  {
    name: 'one operation of several',
    given: {
      as: reader,
      query: 'query A { things { label } } query B { people { id } }',
      operation: 'B',
    },
    code: 0,
    outcome: 'runs',
    expect: ['Query.people allow by directory', 'Person.id allow by directory'],
  },
];
test.each(verdictCases)('$name', async ({ given, code, outcome, expect: lines }) => {
  const ran = await explain(given);
  const { said } = ran;
  expect(ran.code).toBe(code);
  expect([said.outcome, said.reason].filter(Boolean).join(' ')).toBe(outcome);
  expect(said.coordinates.map(toLine)).toEqual(lines);
  if (said.outcome === 'refused') expect(said.upstreams).toEqual([]);
  expect(said.failures).toEqual([]);
});

test('of what costs too much, the lists are named whose length nothing says', async () => {
  const lists = '{ people { boss { boss { id } } } }';
  expect((await explain({ as: reader, query: lists })).said.cost.assumed).toBeUndefined();
  const query = `{ people { ${'boss { '.repeat(8)} id ${' }'.repeat(8)} } ${Array.from({ length: 18 }, (_, at) => `a${at}: people { boss { boss { boss { id } } } }`).join(' ')} }`;
  const { said } = await explain({ as: reader, query });
  expect(said.cost.assumed).toEqual([{ coordinate: 'Query.people', entries: 20 }]);
  const { stdout } = await runCommand(['explain', '--as', toText(reader), '--query', query]);
  expect(stdout).toContain(
    '  assumed lengths: Query.people 20 (write what you know under listSizes)\n',
  );
});

test('the cost is said, and what may run at most', async () => {
  const { said } = await explain({ as: reader, query: '{ people { id } }' });
  const wide = await explain({ as: reader, query: '{ people { id iban } a: people { id } }' });
  expect(said.cost).toMatchObject({ limit: 5_000 });
  expect(said.cost.estimated).toBeGreaterThan(0);
  expect(wide.said.cost.estimated).toBeGreaterThan(said.cost.estimated);
});

test('rules are named with file and line', async () => {
  const { said, directory } = await explain({ as: reader, query: '{ people { iban } }' });
  const file = `${directory}/policies/access/people.yaml`;
  expect(said.coordinates).toMatchObject([
    { rule: { name: 'directory', file, line: 3 } },
    { missing: [{ rule: { name: 'banking', file, line: 15 } }] },
  ]);
});

test.each([
  { name: 'asked for', query: '{ __schema { queryType { name } } people { id } }', expect: true },
  { name: 'not asked for', query: '{ __typename people { __typename id } }', expect: false },
])('introspection $name', async ({ query, expect: introspection }) => {
  const { code, said } = await explain({ as: reader, query });
  expect(code).toBe(0);
  expect(said.introspection).toBe(introspection);
});

const byKey = (fields: string, ...ids: string[]) => ({
  upstream: 'pay',
  request: `query($_k0:[ID!]!){r0:peopleById(ids:$_k0){${fields} id _fgKey:id}}`,
  variables: { _k0: ids },
});
const get = (path: string) => ({ upstream: 'people', request: `GET ${path}` });

const upstreamCases = [
  {
    name: 'a call with the values of literals and variables',
    given: {
      as: { ...reader, scopes: ['people:read', 'tags:read'] },
      query: 'query ($tag: String) { people(tag: $tag, limit: 3) { id } }',
      variables: { tag: 'a b&c' },
    },
    expect: [get('/people?tag=a%20b%26c&limit=3')],
  },
  {
    name: 'a join with the key that was asked for',
    given: { as: payroll, query: '{ person(personId: "7") { salary } }' },
    expect: [get('/people/7'), byKey('salary', '7')],
  },
  {
    name: 'links, and joins behind them',
    given: { as: payroll, query: '{ people { boss { fullName iban } } }' },
    expect: [get('/people'), get('/people/1'), byKey('iban', '1')],
  },
  {
    name: 'what is denied is not sent',
    given: { as: reader, query: '{ people { boss { id } iban salary } }' },
    expect: [get('/people'), get('/people/1')],
  },
  {
    name: 'equal requests once',
    given: {
      as: reader,
      query: '{ a: people { id } b: people { fullName } c: people(limit: 1) { id } }',
    },
    expect: [get('/people'), get('/people?limit=1')],
  },
  {
    name: 'a write with its body in wire names',
    given: {
      as: editor,
      query: 'mutation { rename(personId: "7", input: { fullName: "Ada" }) { id } }',
    },
    expect: [{ upstream: 'people', request: 'PATCH /people/7', body: { 'full-name': 'Ada' } }],
  },
  {
    name: 'no upstream where nothing is granted',
    given: { as: { claims: { tenant: 't' } }, query: '{ people { id } }' },
    expect: [],
  },
];
test.each(upstreamCases)('upstreams: $name', async ({ given, expect: upstreams }) => {
  const { said } = await explain(given);
  expect(said.outcome).toBe('runs');
  expect(said.failures).toEqual([]);
  expect(said.upstreams).toEqual(upstreams);
});

test('an abstract type of a GraphQL upstream is followed', async () => {
  const { code, said } = await explain({
    as: { ...reader, roles: ['clerk'] },
    query: '{ things { label } }',
  });
  expect(said.failures).toEqual([]);
  expect(said.upstreams).toMatchObject([{ upstream: 'pay' }]);
  expect(code).toBe(1);
});

test('an upstream that is owed a claim that the caller has not gets nothing', async () => {
  const { said } = await explain({ as: { scopes: ['people:read'] }, query: '{ people { id } }' });
  expect(said).toMatchObject({ outcome: 'runs', upstreams: [], failures: [expect.any(String)] });
});

const misfits = [
  { name: 'a document that does not parse', query: '{ people ', codes: ['GRAPHQL_PARSE_FAILED'] },
  { name: 'an unknown field', query: '{ nobody }', codes: ['GRAPHQL_VALIDATION_FAILED'] },
  {
    name: 'a field that no rule lists, which is named',
    query: '{ people { bossId } }',
    codes: ['GRAPHQL_VALIDATION_FAILED', 'unlisted'],
  },
  {
    name: 'several operations without a name',
    query: 'query A { people { id } } query B { people { id } }',
    codes: ['OPERATION_RESOLUTION_FAILED'],
  },
  {
    name: 'a variable of another type',
    query: 'query ($limit: Int) { people(limit: $limit) { id } }',
    variables: { limit: 'x' },
    codes: ['BAD_USER_INPUT'],
  },
];
test.each(misfits)('does not fit: $name', async ({ codes, ...given }) => {
  const { code, said } = await explain({ as: reader, ...given });
  expect(code).toBe(2);
  expect(said.ok).toBe(false);
  expect(said.problems.map((problem: { code: string }) => problem.code)).toEqual(codes);
});

test('for people: a line for each coordinate, then the requests', async () => {
  const query = '{ people { id iban } }';
  const args = ['explain', '--as', JSON.stringify(reader), '--query', query];
  const { code, stdout, stderr, directory } = await runCommand(args);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  const lines = stdout.split('\n');
  const lineOf = (start: string) => lines.find((line) => line.startsWith(start)) ?? '';
  const place = `${directory}/policies/access/people.yaml`;
  expect(lineOf('Person.id ')).toContain(`directory (${place}:3)`);
  expect(lineOf('Person.iban ')).toContain(`${place}:15`);
  expect(lines).toContain('  people: GET /people');
});

test('for people: a document that does not fit, on stderr with its place', async () => {
  const args = ['explain', '--as', JSON.stringify(reader), '--query', '{ nobody }'];
  const { code, stdout, stderr } = await runCommand(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(':1:3:');
});

const signInRates = `version: 1
rates:
  - { name: per-address, per: address, limit: 600, window: 1m }
  - { name: renames, fields: { Mutation: [rename] }, per: args.personId, limit: 1, window: 1m }
  - { name: banking-egress, class: banking, per: caller, counts: records, limit: 200, window: 1h }
  - { name: partners, per: caller, limit: 5, window: 1m, for: { clients: [partner] } }
`;

const chargeCases = [
  {
    name: 'records, as many as are estimated; nothing of a rate for others',
    query: '{ people(limit: 7) { iban } }',
    code: 0,
    outcome: 'runs',
    expect: [
      { rate: 'per-address', amount: 1, limit: 600 },
      { rate: 'banking-egress', amount: 7, limit: 200 },
    ],
  },
  {
    name: 'what is refused is not charged for',
    as: reader,
    query: '{ people(limit: 7) { id iban } }',
    code: 1,
    outcome: 'runs',
    expect: [{ rate: 'per-address', amount: 1, limit: 600 }],
  },
  {
    name: 'more than a rate ever lets through',
    as: editor,
    query:
      'mutation { a: rename(personId: "1", input: { fullName: "A" }) { id } b: rename(personId: "1", input: { fullName: "B" }) { id } }',
    code: 1,
    outcome: 'refused',
    expect: [
      { rate: 'per-address', amount: 1, limit: 600 },
      { rate: 'renames', amount: 2, limit: 1 },
    ],
  },
];
test.each(chargeCases)('charges: $name', async ({ as = payroll, query, ...wanted }) => {
  const files = { ...people, 'policies/rates/default.yaml': signInRates };
  const args = ['explain', '--as', JSON.stringify(as), '--query', query];
  const { code, stdout } = await runCommand([...args, '--json'], files);
  const said = JSON.parse(stdout);
  expect({ code, outcome: said.outcome, expect: said.charges }).toEqual({
    code: wanted.code,
    outcome: wanted.outcome,
    expect: wanted.expect,
  });
  const text = (await runCommand(args, files)).stdout;
  const [first] = wanted.expect;
  expect(text).toContain(`rates ${first?.rate} ${first?.amount} of ${first?.limit}`);
});

test('a document that is not among the trusted ones is refused, and explained even so', async () => {
  const files: Files = {
    ...people,
    'policies/limits/a.yaml': 'version: 1\ndocuments: trusted\nmanifest: a.json\n',
    'policies/limits/a.json': JSON.stringify({ a: '{ people { id } }' }),
  };
  const ask = async (query: string) => {
    const as = '{"scope":"people:read","tenant":"a"}';
    const ran = await runCommand(['explain', '--json', '--as', as, '--query', query], files);
    return { code: ran.code, ...JSON.parse(ran.stdout) };
  };
  expect(await ask('{ people { id } }')).toMatchObject({ code: 0, outcome: 'runs' });
  expect(await ask('{ people { id fullName } }')).toMatchObject({
    code: 1,
    outcome: 'refused',
    reason: 'limits/untrusted-document',
    coordinates: [{ verdict: 'allow' }, { verdict: 'allow' }, { verdict: 'allow' }],
    upstreams: [],
  });
});
