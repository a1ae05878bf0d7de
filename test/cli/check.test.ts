/** `check`: what it finds, what it refuses, and that findings alone are no failure. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Files, people, peopleWith, runCommand } from './run-command.ts';

async function check(files: Files = people) {
  const ran = await runCommand(['check', '--json'], files);
  return { ...ran, found: JSON.parse(ran.stdout) };
}

test('what no rule covers', async () => {
  const { code, found } = await check();
  expect(code).toBe(0);
  expect(found.ok).toBe(true);
  expect(found.unlisted).toEqual(['Query.peopleById', 'Person.bossId', 'PersonUpdateInput.bossId']);
  expect(found.fallen).toEqual([]);
});

test('an argument of a write that holds a structure, until a rule names it', async () => {
  const files = (rule: string): Files =>
    peopleWith({
      'pay.graphql': (text) =>
        `${text}type Mutation { put(id: ID, data: JSON, who: JSON): ID  drop(data: JSON): ID }\nscalar JSON\n`,
      'policies/access/people.yaml': (text) =>
        `${text}  - { name: puts, fields: { Mutation: [${rule}] }, allow: { roles: [clerk] } }\n`,
    });
  const before = ['Query.peopleById', 'Mutation.drop', 'Person.bossId', 'PersonUpdateInput.bossId'];
  const one = await check(files('put, "put(who:)"'));
  expect(one.found.unlisted.toSorted()).toEqual([...before, 'Mutation.put(data:)'].toSorted());
  const other = await check(files('put, "put(who:)", "put(data:)"'));
  expect(other.found.unlisted.toSorted()).toEqual(before.toSorted());
});

test('what an OpenAPI document has and the graph has not', async () => {
  const { found } = await check();
  expect(found.report).toEqual([
    { upstream: 'people', operation: 'GET /people', why: expect.any(String), lost: false },
  ]);
});

test('filters on a classified field', async () => {
  const { found } = await check();
  const filter = (coordinate: string) => ({ coordinate, means: ['Account.iban'], by: 'name' });
  expect(found.filters).toEqual([
    filter('AccountFilter.IBAN_startsWith'),
    filter('AccountOrder.IBAN_DESC'),
    filter('Query.accounts(ibans:)'),
  ]);
});

const named = [
  { name: 'ssn', expect: 'Person.ssn' },
  { name: 'SSN', expect: 'Person.ssn' },
  { name: 's_s_n', expect: 'Person.ssn' },
  { name: 'ssnStartsWith', expect: 'Person.ssn' },
  { name: 'ssn_contains', expect: 'Person.ssn' },
  { name: 'ssnIn', expect: 'Person.ssn' },
  { name: 'ssnNotIn', expect: 'Person.ssn' },
  { name: 'ssn_gt', expect: 'Person.ssn' },
  { name: 'bySsn', expect: 'Person.ssn' },
  { name: 'personSsn', expect: 'Person.ssn' },
  { name: 'minBirthDate', expect: 'Person.birthDate' },
  { name: 'birthDateBefore', expect: 'Person.birthDate' },
  { name: 'sent', expect: undefined },
  { name: 'session', expect: undefined },
  { name: 'date', expect: undefined },
  { name: 'id', expect: undefined },
  { name: 'limit', expect: undefined },
];
test.each(named)('the argument $name', async ({ name, expect: meant }) => {
  const { found } = await check(oneArgument(`${name}: String`));
  const filter = { coordinate: `Query.find(${name}:)`, means: [meant], by: 'name' };
  expect(found.filters).toEqual(meant === undefined ? [] : [filter]);
});

test('a filter that a rule names says which', async () => {
  const { found, directory } = await check(
    oneArgument('ssn: String', 'fields: { Query: [find, "find(ssn:)"] }'),
  );
  const named = { rule: 'finding', file: join(directory, 'policies/access/hr.yaml'), line: 4 };
  const [filter] = found.filters;
  expect(filter).toEqual({
    coordinate: 'Query.find(ssn:)',
    means: ['Person.ssn'],
    by: 'name',
    named,
  });
});

const quiet = [
  {
    name: 'of a field that no rule lists',
    files: oneArgument('ssn: String', 'fields: { Query: [other] }'),
  },
  { name: 'an enum that chooses no field', files: oneArgument('kind: Kind') },
];
test.each(quiet)('no filter: $name', async ({ files }) => {
  const { code, found } = await check(files);
  expect(code).toBe(0);
  expect(found.filters).toEqual([]);
});

const free = [
  { name: 'q: String', expect: ['Query.find(q:)'] },
  { name: 'filters: [String!]', expect: ['Query.find(filters:)'] },
  { name: 'orderBy: [String!]', expect: ['Query.find(orderBy:)'] },
  { name: 'where: JSON', expect: ['Query.find(where:)'] },
  { name: 'first: Int, after: String, query: Int', expect: [] },
];
test.each(free)('a text that the upstream reads: $name', async ({ name, expect: coordinates }) => {
  const { found } = await check(oneArgument(name));
  expect(found.warnings).toEqual(
    coordinates.map((coordinate) => ({
      code: 'free-filter',
      coordinate,
      mayMean: expect.stringMatching(/^Person\./),
    })),
  );
  const silent = await check(
    oneArgument(name, `fields: { Query: [find, "find(${name.split(':')[0]}:)"] }`),
  );
  expect(silent.found.warnings).toHaveLength(Math.max(0, coordinates.length - 1));
});

test('the enum of a sort argument is judged whatever it is called', async () => {
  const { found } = await check(oneArgument('sortBy: Kind'));
  expect(found.filters).toMatchObject([{ coordinate: 'Kind.SSN', means: ['Person.ssn'] }]);
});

test('a default that chooses what has a class, of the schema and of a service', async () => {
  const { found } = await check(
    oneArgument('sortBy: Kind = SSN, q: String = "name,-ssn", tag: Kind'),
  );
  const chosen = { means: ['Person.ssn'], byService: false };
  expect(found.defaults).toEqual([
    { coordinate: 'Query.find(sortBy:)', ...chosen },
    { coordinate: 'Query.find(q:)', ...chosen },
  ]);
  const sort = '{ name: sort, in: query, schema: { type: string, default: full-name } }';
  const served = await check(
    peopleWith({
      'people.yaml': (text) => text.replace('- { name: tag', `- ${sort}\n        - { name: tag`),
      [access]: (text) =>
        `${text}  - { name: n, class: personal, fields: { Person: [fullName] }, allow: everyone }\n`,
    }),
  );
  expect(served.found.defaults).toEqual([
    { coordinate: 'Query.people(sort:)', means: ['Person.fullName'], byService: true },
  ]);
  const { stdout } = await runCommand(['check'], oneArgument('sortBy: Kind = SSN'));
  expect(stdout).toMatch(/^default +Query\.find\(sortBy:\): .*Person\.ssn/m);
  expect(stdout).toMatch(/, 1 defaults that choose them, /);
  expect((await check()).found.defaults).toEqual([]);
});

test('cases are read and not run: how many there are', async () => {
  const text = 'cases: [{ name: a, query: "{ people { id } }", expect: { Person.id: deny } }]\n';
  const { code, found } = await check({ ...people, 'policies/access/a.cases.yaml': text });
  expect([code, found.cases, (await check()).found.cases]).toEqual([0, 1, 0]);
});

test('what falls with something hidden', async () => {
  const files = oneArgument('of: Person2', 'fields: { Query: [find, lonely] }');
  const { code, found } = await check(files);
  expect(code).toBe(0);
  expect(found.fallen).toEqual(['Query.lonely']);
  const { stdout } = await runCommand(['check'], files);
  expect(stdout).toMatch(
    /^fallen +Query\.lonely: hidden with what it needs: no rule opens a field of Lonely$/m,
  );
});

test('which input field a write lacks', async () => {
  const withoutName = (text: string) => text.replace(', PersonUpdateInput: [fullName]', '');
  const files = peopleWith({
    'policies/access/people.yaml': withoutName,
    'people.yaml': (text) =>
      text.replace('PersonUpdate:\n', 'PersonUpdate:\n      required: [full-name]\n'),
  });
  const { stdout } = await runCommand(['check'], files);
  expect(stdout).toMatch(
    /^fallen +Mutation\.rename: .*: no rule opens PersonUpdateInput\.fullName$/m,
  );
});

const access = 'policies/access/people.yaml';
const refused = [
  {
    name: 'a coordinate that is not in the schema, with its place',
    files: peopleWith({ [access]: (text) => text.replace('[id, fullName', '[id, fulName') }),
    problem: { code: 'unknown-name', line: 6 },
  },
  {
    name: 'an unknown key of the configuration',
    files: peopleWith({ 'gateway.yaml': (text) => `${text}polices: x\n` }),
    problem: { code: 'unknown-key' },
  },
  {
    name: 'a join with an upstream that has not the type',
    files: peopleWith({ 'pay.graphql': (text) => text.replaceAll('Person', 'Human') }),
    problem: { code: 'misfit' },
  },
  {
    name: 'a description that does not parse',
    files: peopleWith({ 'pay.graphql': (text) => `${text}}` }),
    problem: { code: 'misfit' },
  },
];
test.each(refused)('does not load: $name', async ({ files, problem }) => {
  const { code, found } = await check(files);
  expect(code).toBe(2);
  expect(found).toMatchObject({ ok: false, problems: [problem] });
});

const more = (rule: string): Files => ({
  ...people,
  'policies/access/more.yaml': `version: 1\nrules:\n  - name: more\n${rule}`,
});
const helped = [
  {
    name: 'a coordinate in the place of types and their fields',
    files: more('    fields: [Person.ssn]\n    allow: everyone\n'),
    says: 'more.yaml:4:13: must be types, each with a list of its fields, like',
  },
  {
    name: 'a key too far to the right',
    files: more('     fields: { Person: [id] }\n'),
    says: 'or mend the indentation of the next line',
  },
  {
    name: 'a key that is like none',
    files: { ...people, 'policies/limits/more.yaml': 'version: 1\nmaximum: {}\n' },
    says: 'unknown key "maximum": the keys here are version, ',
  },
  {
    name: 'a path with another name for its parameter',
    files: peopleWith({
      'gateway.yaml': (text) => text.replace('GET /people/{person-id}', 'GET /people/{i}'),
    }),
    says: 'the document has no "GET /people/{i}" (did you mean "GET /people/{person-id}"?)',
  },
];
test.each(helped)('says what would be right: $name', async ({ files, says }) => {
  const { code, stderr } = await runCommand(['check'], files);
  expect(code).toBe(2);
  expect(stderr).toContain(says);
});

test('for people: a line for each finding, then the counts', async () => {
  const { code, stdout, stderr } = await runCommand(['check']);
  const { found } = await check();
  const kinds = [
    'unlisted',
    'dead',
    'unclassified',
    'fallen',
    'hidden',
    'report',
    'filters',
    'warnings',
    'openFilters',
  ];
  const findings = [...kinds, 'absent'].map((key) => found[key].length);
  const lines = stdout.trimEnd().split('\n');
  expect(code).toBe(0);
  expect(stderr).toBe('');
  expect(lines).toHaveLength(findings.reduce((sum, count) => sum + count, 1));
  expect(lines.at(-1)?.match(/\d+/g)?.map(Number)).toEqual(findings);
});

test('for people: problems with file and line, and nothing on stdout', async () => {
  const files = peopleWith({ [access]: (text) => text.replace('[id, fullName', '[id, fulName') });
  const { code, stdout, stderr, directory } = await runCommand(['check'], files);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain(`${directory}/${access}:6:`);
});

/** One query field with one argument, over people with an SSN. */
function oneArgument(argument: string, fields = 'fields: { Query: [find] }'): Files {
  return {
    'gateway.yaml': `
version: 1
upstreams: { hr: { graphql: hr.graphql, url: "http://127.0.0.1:1" } }
identity: { anonymous: allow }
`,
    'hr.graphql': `
type Query { find(${argument}): Int other: Int person: Person lonely: Lonely }
type Person { id: ID ssn: String birthDate: String }
type Lonely { name: String }
input Person2 { any: Int }
enum Kind { SSN OTHER }
scalar JSON
`,
    'policies/access/hr.yaml': `
version: 1
rules:
  - { name: finding, ${fields}, allow: everyone }
  - { name: person, fields: { Query: [person] }, allow: everyone }
  - name: secrets
    class: secret
    fields: { Person: [id, ssn, birthDate] }
    allow: { scopes: [secret] }
`,
  };
}

describe('files that serving reads', () => {
  const withFiles = (about: { identity?: string; network?: string }, more: Files = {}): Files => ({
    ...peopleWith({ 'gateway.yaml': (text) => `${text.trimEnd()}\n  ${about.identity ?? ''}\n` }),
    'policies/network/default.yaml': `version: 1\n${about.network ?? ''}`,
    ...more,
  });
  const keys = 'apiKeys: { file: api.yaml }';
  const list = 'lists: { office: { file: office.txt } }';

  test('keys and key sets that are not here are named', async () => {
    const { code, found } = await check(withFiles({ identity: keys }));
    expect(code).toBe(0);
    expect(found.absent).toEqual([
      expect.stringContaining('api.yaml'),
      expect.stringContaining('keys.json'),
    ]);
  });

  const wrong = [
    {
      name: 'keys that are wrong',
      files: withFiles({ identity: keys }, { 'api.yaml': 'version: 1' }),
      place: 'api.yaml:1:1: ',
    },
    {
      name: 'revocations that are wrong',
      files: withFiles({ identity: 'revoked: { file: r.yaml }' }, { 'r.yaml': 'version: 2' }),
      place: 'r.yaml:1:10: ',
    },
    {
      name: 'a list that is not here',
      files: withFiles({ network: list }),
      place: 'default.yaml:2:26: ',
    },
    {
      name: 'a list that is wrong',
      files: withFiles(
        { network: list },
        { 'policies/network/office.txt': '10.0.0.0/8\n10.0.0.0/99\n' },
      ),
      place: 'office.txt:2:1: ',
    },
  ];
  test.each([
    'match: { countries: KP }',
    'match: { outcomes: refused }, per: country',
    'match: { outcomes: refused }, per: caller, distinct: countries, count: 2',
  ])('a database of countries that is not here, and a detection by %s', async (by) => {
    const detections = `version: 1\ndetections:\n  - { name: far, severity: low, ${by} }\n`;
    const network = 'regions: { database: country.mmdb, deny: [] }';
    const asked = withFiles({ network }, { 'policies/detect/far.yaml': detections });
    const { code, stderr } = await runCommand(['check'], asked);
    expect(code).toBe(2);
    expect(stderr).toMatch(/default\.yaml:2:22: \S+country\.mmdb: /);
    expect((await runCommand(['check'], withFiles({ network }))).code).toBe(0);
  });

  test.each(wrong)('$name: exit 2, and where', async ({ files, place }) => {
    const { code, stderr } = await runCommand(['check'], files);
    expect(code).toBe(2);
    expect(stderr).toContain(place);
  });
});

const secrets = `listen: { tls: { cert: cert.pem, key: key.pem } }
audit: { signingKey: { file: sign.pem }, subjectKeys: { file: subjects.yaml } }
upstreams:`;
const withSecrets = (more: Files = {}): Files => ({
  ...peopleWith({ 'gateway.yaml': (text) => text.replace('upstreams:', secrets) }),
  ...more,
});

test('names certificates and keys of the audit trail that are not here', async () => {
  const { code, found, directory } = await check(withSecrets({ 'cert.pem': 'alone' }));
  expect(code).toBe(0);
  const absent = ['keys.json', 'sign.pem', 'subjects.yaml', 'key.pem'];
  expect(found.absent).toEqual(absent.map((name) => join(directory, name)));
});

test('names the variable of a signing key that is not set', async () => {
  const audit = 'audit: { signingKey: { env: NO_SUCH_KEY } }\nupstreams:';
  const files = peopleWith({ 'gateway.yaml': (text) => text.replace('upstreams:', audit) });
  expect((await check(files)).found.absent).toContain('the variable NO_SUCH_KEY');
});

test.each([
  { name: 'certificates', more: { 'cert.pem': 'none', 'key.pem': 'none' }, file: 'cert.pem' },
  { name: 'a signing key', more: { 'sign.pem': 'none' }, file: 'sign.pem' },
  { name: 'a key set', more: { 'keys.json': 'none' }, file: 'keys.json' },
  { name: 'a key set without keys', more: { 'keys.json': '{"keys":[]}' }, file: 'keys.json' },
  { name: 'subject keys', more: { 'subjects.yaml': 'version: 1' }, file: 'subjects.yaml' },
])('refuses $name that are here and wrong', async ({ more, file }) => {
  const { code, stderr, directory } = await runCommand(['check'], withSecrets(more));
  expect(code).toBe(2);
  expect(stderr).toContain(`${join(directory, file)}:1:1: `);
});

const rule = (text: string): Files =>
  peopleWith({ 'policies/access/people.yaml': (rules) => `${rules}  - ${text}\n` });

const deadRules = [
  {
    name: 'an allow of what is forbidden',
    given: '{ name: late, fields: { Account: [note] }, allow: everyone }',
    expect: ['late'],
  },
  {
    name: 'a wildcard over what is named more closely, or classified',
    given: '{ name: wide, fields: { Account: ["*"] }, allow: everyone }',
    expect: ['wide'],
  },
  {
    name: 'none: a second way to have a field',
    given: '{ name: other, fields: { Person: [salary] }, allow: { roles: [x] } }',
    expect: [],
  },
  {
    name: 'none: a wildcard that reaches one field',
    given: '{ name: wide, fields: { Person: ["*"] }, allow: everyone }',
    expect: [],
  },
];
test.each(deadRules)('rules that allow nothing: $name', async ({ given, expect: dead }) => {
  const { found, directory } = await check(rule(given));
  expect(found.dead.map((one: { rule: string }) => one.rule)).toEqual(dead);
  for (const { file } of found.dead) expect(file).toContain(directory);
});

test('what sounds sensitive and has no class', async () => {
  const { found } = await check();
  expect(found.unclassified).toEqual([{ coordinate: 'Person.salary', resembles: 'pay' }]);
  const classified = await check(rule('{ name: pay, class: pay, fields: { Person: [salary] } }'));
  expect(classified.found.unclassified).toEqual([]);
  const forbidden = await check(rule('{ name: no, fields: { Person: [salary] }, forbid: true }'));
  expect(forbidden.found.unclassified).toEqual([]);
});

test('issuers of the revocation list that are none here', async () => {
  const files = {
    ...peopleWith({
      'gateway.yaml': (text) =>
        `${text}  apiKeys: { file: keys.yaml }\n  revoked: { file: revoked.yaml }\n`,
    }),
    'revoked.yaml': `version: 1
revoked:
  - { issuer: https://idp.exampel.com, subject: ada }
  - { issuer: https://idp.exampel.com, subject: bo }
  - { issuer: https://idp.example.com, jti: a }
  - { issuer: "urn:fieldgate:api-keys", subject: nightly }
  - { issuer: elsewhere, client: app }
  - { client: app }
`,
  };
  const { code, found } = await check(files);
  expect(code).toBe(0);
  expect(found.otherIssuers).toEqual([
    {
      issuer: 'https://idp.exampel.com',
      file: expect.stringMatching(/revoked\.yaml$/),
      near: 'https://idp.example.com',
    },
    { issuer: 'elsewhere', file: expect.stringMatching(/revoked\.yaml$/) },
  ]);
  const { stdout } = await runCommand(['check'], files);
  expect(stdout).toMatch(
    /^other-issuer \S+revoked\.yaml: "https:\/\/idp\.exampel\.com" is no issuer /m,
  );
  const { 'revoked.yaml': _, ...without } = files;
  expect((await check(without)).found.otherIssuers).toEqual([]);
});
