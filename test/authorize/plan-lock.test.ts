/** The second lock of the compiled engine, asked about plans that the first one made by other rules. */
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createPlanLock } from '../../gateway/authorize/operation/plan-lock.ts';
import type { Caller } from '../../gateway/request.ts';
import { accepted, anonymous, callerWith, planning, policyOf, withScopes } from './policy-rig.ts';

const sdl = `
  type Query { me: Person animal: Animal people(ssn: String, by: By, sort: Sort): [Person] }
  input By { ssn: String name: String }
  enum Sort { SSN NAME }
  type Person { id: ID ssn: String name: String }
  interface Animal { name: String }
  type Cat implements Animal { name: String }
  type Dog implements Animal { name: String }
`;
const open =
  '- { name: open, fields: { Query: ["*"], Person: [id, ssn, name], Animal: [name] }, allow: everyone }';
const { plan, executable } = planning(sdl, open);

/** Whether the lock opens to a caller, by its own rules, for what was planned where all is open. */
async function opens(about: {
  query: string;
  rules?: string;
  caller?: Caller | undefined;
  masked?: readonly string[];
  subjectIds?: readonly string[];
  at?: string;
  /** What runs in the place of what was planned. */
  document?: string;
  variables?: Record<string, unknown>;
}): Promise<boolean> {
  const { query, rules = open, masked = [], subjectIds = [], at = '2026-03-02T12:00:00Z' } = about;
  const planned = accepted(await plan({ query }));
  const document = about.document === undefined ? planned.document : parse(about.document);
  const operation = { ...planned, document, masked };
  const lockOf = createPlanLock(executable, policyOf(sdl, rules), new Set(subjectIds));
  const caller = 'caller' in about ? about.caller : anonymous;
  const place = { country: undefined, networks: [], startedAtMs: Date.parse(at) };
  return lockOf(operation)({ caller, ...place }, about.variables ?? {});
}

const rest = '- { name: rest, fields: { Query: ["*"], Person: [id, name] }, allow: everyone }';
const ssn = (rule: string) => `${rest}\n- { name: ssn, fields: { Person: [ssn] }, ${rule} }`;
const masks = ssn(
  'allow: { scopes: [ssn] }, otherwise: [{ mask: last4, allow: { scopes: [last4] } }]',
);

const secret = `- { name: secret, class: id, fields: { Person: [ssn] }, allow: { scopes: [ssn] } }\n${rest}`;
const people = (use: string, declared = '') => `query ${declared} { people(${use}) { name } }`;

const cases: readonly { name: string; given: Parameters<typeof opens>[0]; expect: boolean }[] = [
  { name: 'what all may', given: { query: '{ me { ssn } }' }, expect: true },
  {
    name: 'what no rule grants',
    given: { query: '{ me { ssn } }', rules: rest },
    expect: false,
  },
  {
    name: 'what is forbidden, whoever else grants it',
    given: {
      query: '{ me { ssn } }',
      rules: `${open}\n- { name: no, fields: { Person: [ssn] }, forbid: true }`,
    },
    expect: false,
  },
  {
    name: 'a grant that the caller lacks',
    given: { query: '{ me { ssn } }', rules: ssn('allow: { scopes: [ssn] }') },
    expect: false,
  },
  {
    name: 'a grant that the caller has',
    given: {
      query: '{ me { ssn } }',
      rules: ssn('allow: { scopes: [ssn] }'),
      caller: withScopes('ssn'),
    },
    expect: true,
  },
  {
    name: 'one of several grants',
    given: {
      query: '{ me { ssn } }',
      rules: ssn('allow: { any: [{ scopes: [ssn] }, { roles: [hr] }] }'),
      caller: callerWith({ roles: new Set(['hr']) }),
    },
    expect: true,
  },
  {
    name: 'a requirement that does not hold',
    given: {
      query: '{ me { ssn } }',
      rules: ssn('allow: everyone, require: { scopes: [ssn] }'),
      caller: withScopes('other'),
    },
    expect: false,
  },
  {
    name: 'a requirement beside a grant that does not hold',
    given: {
      query: '{ me { ssn } }',
      rules: ssn('allow: { scopes: [other] }, require: { scopes: [ssn] }'),
      caller: withScopes('ssn'),
    },
    expect: false,
  },
  {
    name: 'one field of two',
    given: { query: '{ me { name ssn } }', rules: ssn('allow: { scopes: [ssn] }') },
    expect: false,
  },
  {
    name: 'a value that will be masked, to who may see it so',
    given: {
      query: '{ me { ssn } }',
      rules: masks,
      caller: withScopes('last4'),
      masked: ['Person.ssn'],
    },
    expect: true,
  },
  {
    name: 'the same, where no mask stands',
    given: { query: '{ me { ssn } }', rules: masks, caller: withScopes('last4') },
    expect: false,
  },
  {
    name: 'a mask on another field',
    given: {
      query: '{ me { ssn } }',
      rules: masks,
      caller: withScopes('last4'),
      masked: ['Person.name'],
    },
    expect: false,
  },
  {
    name: 'a filter that means what the caller lacks',
    given: { query: people('ssn: "1"'), rules: secret },
    expect: false,
  },
  {
    name: 'the same for who has it',
    given: { query: people('ssn: "1"'), rules: secret, caller: withScopes('ssn') },
    expect: true,
  },
  {
    name: 'another filter',
    given: { query: people('by: { name: "x" }, sort: NAME'), rules: secret },
    expect: true,
  },
  {
    name: 'an order',
    given: { query: people('sort: SSN'), rules: secret },
    expect: false,
  },
  {
    name: 'an input field by a variable',
    given: { query: people('by: $b', '($b: By)'), rules: secret, variables: { b: { ssn: '1' } } },
    expect: false,
  },
  {
    name: 'the same without it',
    given: { query: people('by: $b', '($b: By)'), rules: secret, variables: { b: { name: '1' } } },
    expect: true,
  },
  {
    name: 'a variable that brings nothing',
    given: { query: people('ssn: $s', '($s: String)'), rules: secret },
    expect: true,
  },
  {
    name: 'a variable that does',
    given: { query: people('ssn: $s', '($s: String)'), rules: secret, variables: { s: null } },
    expect: false,
  },
  {
    name: 'an order by a default',
    given: { query: people('sort: $s', '($s: Sort = SSN)'), rules: secret },
    expect: false,
  },
  {
    name: 'an interface of which one type is closed',
    given: {
      query: '{ animal { name } }',
      rules: '- { name: cats, fields: { Query: ["*"], Cat: [name] }, allow: everyone }',
    },
    expect: false,
  },
  {
    name: 'an interface of which all are open',
    given: { query: '{ animal { name } }' },
    expect: true,
  },
  {
    name: 'the id of a record’s subject under any name but its own',
    given: {
      query: '{ me { id } }',
      rules: '- { name: none, fields: { Query: ["*"], Person: [name] }, allow: everyone }',
      subjectIds: ['Person.id'],
    },
    expect: false,
  },
  {
    name: 'the same id under the key that only the record sees',
    given: {
      query: '{ me { name } }',
      document: '{ me { name fgs_id: id fgs12_id: id } }',
      rules: '- { name: none, fields: { Query: ["*"], Person: [name] }, allow: everyone }',
      subjectIds: ['Person.id'],
    },
    expect: true,
  },
  {
    name: 'what is nobody’s id under such a key',
    given: {
      query: '{ me { name } }',
      document: '{ me { name fgs_ssn: ssn } }',
      rules: '- { name: none, fields: { Query: ["*"], Person: [name] }, allow: everyone }',
      subjectIds: ['Person.id'],
    },
    expect: false,
  },
  {
    name: 'a type’s name alone',
    given: { query: '{ me { name } }', document: '{ me { __typename } }' },
    expect: true,
  },
  { name: 'what asks nothing of upstreams', given: { query: '{ __typename }' }, expect: true },
  { name: 'nobody', given: { query: '{ me { ssn } }', caller: undefined }, expect: false },
  {
    name: 'an hour that it is not',
    given: {
      query: '{ me { ssn } }',
      rules: ssn('allow: { hours: { days: [mon], from: "08:00", to: "10:00", zone: UTC } }'),
    },
    expect: false,
  },
  {
    name: 'an hour that it is',
    given: {
      query: '{ me { ssn } }',
      rules: ssn('allow: { hours: { days: [mon], from: "08:00", to: "10:00", zone: UTC } }'),
      at: '2026-03-02T09:00:00Z',
    },
    expect: true,
  },
];

describe('the lock', () => {
  it.each(cases)('$name', async ({ given, expect: expected }) => {
    expect(await opens(given)).toBe(expected);
  });

  it('a condition that throws does not hold', async () => {
    const broken = callerWith();
    Object.defineProperty(broken, 'scopes', {
      get() {
        throw new Error('no scopes');
      },
    });
    const given = { query: '{ me { ssn } }', rules: ssn('allow: { scopes: [ssn] }') };
    expect(await opens({ ...given, caller: broken })).toBe(false);
  });
});

describe('a write on which an object decides', () => {
  const written = `
    type Query { staff(id: ID!): Staff }
    type Mutation { rename(id: ID!): Staff }
    type Staff { id: ID! boss: ID }`;
  const rules = `
- { name: open, fields: { Query: [staff], Staff: [id, boss] }, allow: everyone }
- { name: own, fields: { Mutation: [rename] }, object: "Query.staff(id: args.id)", allow: { when: object.boss == claims.sub } }
`;
  const { plan: planWrite, executable: schema, policy } = planning(written, rules);
  const lockOf = createPlanLock(schema, policy, new Set());
  const caller = callerWith({ claims: { sub: '7' } });
  const at = { country: undefined, networks: [], startedAtMs: 0 };
  const query = 'mutation { rename(id: "1") { id } }';

  it('open where the plan asks the object', async () => {
    const planned = accepted(await planWrite({ query, caller }));
    expect([...(planned.writes?.keys() ?? [])]).toEqual(['rename']);
    expect(lockOf(planned)({ caller, ...at }, {})).toBe(true);
  });

  it('closed where it asks none', async () => {
    const { writes: _, ...planned } = accepted(await planWrite({ query, caller }));
    expect(lockOf(planned)({ caller, ...at }, {})).toBe(false);
  });

  it('closed where it asks one for another field of the document alone', async () => {
    const planned = accepted(await planWrite({ query, caller }));
    const document = parse('mutation { rename(id: "1") { id } fg_more: rename(id: "2") { id } }');
    expect(lockOf({ ...planned, document })({ caller, ...at }, {})).toBe(false);
  });

  it('closed where nothing is said to depend on objects', async () => {
    const planned = accepted(await planWrite({ query, caller }));
    expect(lockOf({ ...planned, depends: [] })({ caller, ...at }, {})).toBe(false);
  });
});
