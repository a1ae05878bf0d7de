/**
 * Access rules in shadow mode: whatever is asked and however it is spelled, answers, errors, headers and what
 * upstreams are sent are those of the same policy without them; the record alone tells what they
 * would have done.
 */
import { describe, expect, it } from 'vitest';
import type { TestCaller, TestGateway } from '../support/gateway.ts';
import { testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

const sdl = /* GraphQL */ `
  type Query {
    me: Person
    people(filter: PersonFilter, order: PersonOrder, city: String): [Person!]!
    any: Named
    secret: String
  }
  type Mutation { rename(id: ID!, name: String): Person }
  interface Named { name: String }
  type Person implements Named { id: ID! name: String city: String desk(floor: Int = 1): String ssn: String notes: String boss: Person }
  input PersonFilter { name: String = "x", city: String, inner: PersonFilter }
  enum PersonOrder { NAME CITY }
`;
const person = {
  __typename: 'Person',
  id: '1',
  name: 'Ada',
  city: 'Bern',
  desk: 'D1',
  ssn: '123-45-6789',
  notes: 'n',
};
const people = {
  me: { ...person, boss: person },
  people: [person],
  any: person,
  secret: 's',
  rename: person,
};

const enforced = `
  - name: directory
    fields:
      Query: [me, people, any]
      Person: ["*"]
      Named: [name]
      Mutation: [rename, "rename(id:)", "rename(name:)"]
    allow: { scopes: [read] }
  - { name: numbers, class: government-id, fields: { Person: [ssn] }, allow: { scopes: [ssn] } }
`;
const until = 'shadow: { until: 2999-12-31 }';

async function twins(
  shadow: string,
  more: Partial<Parameters<typeof testGateway>[0]> = {},
  besides = '',
) {
  const options = { upstreams: { hr: played(sdl, people) }, maskKey: 'k', ...more };
  const rules = `version: 1\nrules:${enforced}${besides}`;
  const [plain, shadowed] = await Promise.all([
    testGateway({ ...options, rules }),
    testGateway({ ...options, rules: `${rules}${shadow}` }),
  ]);
  return { plain, shadowed };
}

const read: TestCaller = { scopes: ['read'] };
const queries: [string, Record<string, unknown>?][] = [
  ['{ me { name city } }'],
  ['{ a: me { b: city c: city ...F } } fragment F on Person { boss { city } }'],
  ['{ any { name ... on Person { city ssn } } }'],
  ['query($s: Boolean!) { me { city @skip(if: $s) name } }', { s: true }],
  ['query($s: Boolean!) { me { city @skip(if: $s) name } }', { s: false }],
  ['{ people(filter: { inner: { city: "x" } }) { name } }'],
  ['query($f: PersonFilter) { people(filter: $f) { name } }', { f: { city: 'x' } }],
  ['query($f: PersonFilter = { city: "y" }) { people(filter: $f) { name } }'],
  ['query($f: PersonFilter) { people(filter: $f) { name } }', { f: { name: 'x' } }],
  ['{ people(order: CITY) { name } }'],
  ['{ people(city: "x") { desk(floor: 9) desk2: desk } }'],
  ['mutation { rename(id: "1", name: "x") { city } }'],
  ['{ secret }'],
  ['{ __schema { types { name fields { name } } } __type(name: "Query") { fields { name } } }'],
  ['{ me { nme } }'],
  ['{ me { ssn nme } }'],
];

async function ask(
  gateway: TestGateway,
  [query, variables]: (typeof queries)[number],
  as?: TestCaller,
) {
  const before = gateway.requests.length;
  const { status, headers, text } = await gateway.query(query, {
    ...(as && { as }),
    ...(variables && { variables }),
  });
  const record = gateway.records.at(-1);
  const { 'x-request-id': _, ...said } = headers;
  const id = record?.id ?? '';
  return {
    answer: { status, said, text: text.replaceAll(id, 'ID'), sent: gateway.requests.slice(before) },
    facts: {
      cost: record?.cost,
      verdicts: record?.verdicts,
      denials: record?.denials,
      charges: record?.charges,
    },
    shadows: record?.shadows,
  };
}

const shadows: { name: string; rule: string; expects: Record<number, unknown> }[] = [
  {
    name: 'a requirement that nobody meets',
    rule: `  - { name: stay, fields: { Person: [city] }, require: { scopes: [nobody] }, ${until} }`,
    expects: {
      0: ['refuse', 'Person.city'],
      1: ['refuse', 'Person.city'],
      2: ['refuse', 'Person.city'],
      3: undefined,
      4: ['refuse', 'Person.city'],
      11: ['refuse', 'Person.city'],
    },
  },
  {
    name: 'nobody at all',
    rule: `  - { name: stay, fields: { Person: [city] }, forbid: true, ${until} }`,
    expects: { 0: ['refuse', 'Person.city'], 3: undefined },
  },
  {
    name: 'a requirement that names a coordinate more closely than its grant, which then is none',
    rule: `  - { name: stay, fields: { Person: [city] }, require: { scopes: [read] }, ${until} }`,
    expects: { 0: ['refuse', 'Person.city'] },
  },
  {
    name: 'roles, claims, networks, hours and sign-ins',
    rule: `  - { name: stay, fields: { Person: [name] }, require: { all: [{ roles: [r] }, { claims: { a: [b] } }, { hours: { days: [mon], from: "00:00", to: "00:01", zone: UTC } }, { auth: { acr: [mfa] } }] }, ${until} }`,
    expects: { 0: ['refuse', 'Person.name'] },
  },
  {
    name: 'an input field',
    rule: `  - { name: stay, fields: { PersonFilter: [city] }, require: { scopes: [nobody] }, ${until} }`,
    expects: {
      0: undefined,
      5: ['refuse', 'PersonFilter.city'],
      6: ['refuse', 'PersonFilter.city'],
      7: ['refuse', 'PersonFilter.city'],
      8: undefined,
    },
  },
  {
    name: 'an enum value',
    rule: `  - { name: stay, fields: { PersonOrder: [CITY] }, require: { scopes: [nobody] }, ${until} }`,
    expects: { 5: undefined, 9: ['refuse', 'PersonOrder.CITY'] },
  },
  {
    name: 'an argument',
    rule: `  - { name: stay, fields: { Query: ["people(city:)"] }, require: { scopes: [nobody] }, ${until} }`,
    expects: { 5: undefined, 10: ['refuse', 'Query.people(city:)'] },
  },
  {
    name: 'a condition on arguments',
    rule: `  - { name: stay, fields: { Person: [desk] }, require: { when: args.floor < 5 }, allow: everyone }`.replace(
      ', allow: everyone }',
      `, ${until} }`,
    ),
    expects: { 10: ['refuse', 'Person.desk'] },
  },
  {
    name: 'a write',
    rule: `  - { name: stay, fields: { Mutation: [rename] }, require: { scopes: [nobody] }, ${until} }`,
    expects: { 11: ['refuse', 'Mutation.rename'] },
  },
  {
    name: 'a grant of what a class keeps from this caller',
    rule: `  - { name: stay, fields: { Person: [ssn] }, allow: { scopes: [read] }, ${until} }`,
    expects: { 0: undefined, 2: ['grant', 'Person.ssn'] },
  },
  {
    name: 'a grant of what the caller sees, in a document that is wrong elsewhere',
    rule: `  - { name: stay, fields: { Person: [ssn] }, allow: everyone, ${until} }`,
    expects: { 15: undefined },
  },
  {
    name: 'a grant to everyone of everything',
    rule: `  - { name: stay, fields: { Query: ["*"], Person: ["*"] }, types: [Person], allow: everyone, ${until} }`,
    expects: { 0: undefined, 2: undefined, 12: ['grant', 'Query.secret'] },
  },
  {
    name: 'a grant of what does not exist for anybody',
    rule: `  - { name: stay, fields: { Query: [secret] }, allow: { scopes: [read] }, ${until} }`,
    expects: { 0: undefined, 12: ['grant', 'Query.secret'], 14: undefined },
  },
];

describe.each(shadows)('$name', async ({ rule, expects }) => {
  const { plain, shadowed } = await twins(rule);

  it.each(queries.map((query, index) => [index, query] as const))('%i %s', async (index, query) => {
    for (const as of [undefined, read, { scopes: ['read', 'ssn'] }]) {
      // Three times: planned, kept, and from what is kept.
      for (let turn = 0; turn < 3; turn += 1) {
        const was = await ask(plain, query, as);
        const is = await ask(shadowed, query, as);
        expect(is.answer).toEqual(was.answer);
        expect(is.facts).toEqual(was.facts);
        expect(was.shadows).toBeUndefined();
        if (as !== read || !(index in expects)) continue;
        const wanted = expects[index] as [string, string] | undefined;
        expect(is.shadows).toEqual(
          wanted && [{ kind: 'access', rule: 'stay', effect: wanted[0], coordinates: [wanted[1]] }],
        );
      }
    }
  });

  it('shows the same schema', () => {
    expect(Object.keys(shadowed.publicSchema.getTypeMap())).toEqual(
      Object.keys(plain.publicSchema.getTypeMap()),
    );
  });
});

/** The first lock lets everything through. */
const blind: NonNullable<Parameters<typeof testGateway>[0]['decide']> = ({ grants: [first] }) =>
  first === undefined
    ? { kind: 'refuse', outcome: 'deny', missing: [], forbid: undefined }
    : { kind: 'allow', rule: first.rule };

it('the second locks know nothing of rules in shadow mode', async () => {
  const stay = `  - { name: stay, fields: { Person: [city] }, require: { scopes: [nobody] }, ${until} }`;
  for (const engine of ['compiled', 'reference'] as const) {
    const { plain, shadowed } = await twins(stay, { decide: blind, engine });
    const query: (typeof queries)[number] = ['{ me { name city ssn } }'];
    const is = await ask(shadowed, query, read);
    expect(is.answer).toEqual((await ask(plain, query, read)).answer);
    expect(is.answer.text).toContain('"city":"Bern"');
    // That they are there: what the first let through is refused.
    expect(is.answer.text).not.toContain('123-45-6789');
  }
});

it.each(['reject', 'hide'])('tells of each field that it would %s', async (outcome) => {
  const first = `  - { name: first, fields: { Person: [desk, notes] }, allow: { scopes: [read] }, otherwise: [${outcome}] }\n`;
  const stay = `  - { name: stay, fields: { Person: [desk, notes] }, require: { scopes: [nobody] }, ${until} }`;
  const { shadowed } = await twins(stay, {}, first);
  const { answer, shadows } = await ask(shadowed, ['{ me { name desk notes } }'], read);
  expect(answer.status).toBe(200);
  expect(shadows).toEqual([
    {
      kind: 'access',
      rule: 'stay',
      effect: 'refuse',
      coordinates: ['Person.desk', 'Person.notes'],
    },
  ]);
});

it('a list of operations is answered as without it, and each record tells of its own', async () => {
  const stay = `  - { name: stay, fields: { Person: [city] }, require: { scopes: [nobody] }, ${until} }`;
  const { plain, shadowed } = await twins(stay, { batch: 5 });
  const body = JSON.stringify([{ query: '{ me { name } }' }, { query: '{ me { city } }' }]);
  const send = async (gateway: TestGateway) =>
    gateway.send({
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await gateway.tokenOf(read)}`,
      },
      body: (async function* () {
        yield new TextEncoder().encode(body);
      })(),
    });
  expect((await send(shadowed)).body).toEqual((await send(plain)).body);
  const told = shadowed.records.flatMap(({ shadows }) => shadows ?? []);
  expect(told).toEqual([
    { kind: 'access', rule: 'stay', effect: 'refuse', coordinates: ['Person.city'] },
  ]);
});
