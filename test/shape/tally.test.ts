/** What left and whose it was, counted exactly on whole answers; ids are read for it and not shown. */
import { describe, expect, it } from 'vitest';
import { Refusal } from '../../gateway/decision.ts';
import { Tally } from '../../gateway/plan/tally.ts';
import type { RequestRecord } from '../../gateway/request.ts';
import { played } from '../attacks/obvious.ts';
import { type TestGatewayOptions, testGateway } from '../support/gateway.ts';

const sdl = /* GraphQL */ `
  scalar Long
  type Query { people: [Person] firm: Firm vault: Vault beings: [Being] }
  interface Being { name: String }
  type Person implements Being { id: ID! name: String ssn: String phone: String home: Home accounts: [Account!] code: String! tax: String friend: Person work: Work }
  type Work { floor: String }
  type Home { street: String }
  type Account { ownerId: ID iban: String }
  type Robot implements Being { serial: Int name: String secret: String }
  type Firm { motto: String }
  type Vault { number: Long secret: String }
`;
const people = [
  {
    __typename: 'Person',
    id: '1',
    name: 'a',
    ssn: '900-11-1111',
    phone: '0123456789',
    home: { street: 's1' },
    accounts: [
      { ownerId: '1', iban: 'I1' },
      { ownerId: '7', iban: null },
    ],
    code: 'c',
    friend: { id: '3', ssn: '900-11-3333' },
    work: { floor: 'f' },
  },
  {
    __typename: 'Person',
    id: '2',
    name: 'b',
    ssn: null,
    phone: null,
    home: null,
    accounts: null,
    code: null,
  },
];
const robots = [{ __typename: 'Robot', serial: 5, name: 'r', secret: 'x' }];
const rules = `
version: 1
rules:
  - name: open
    fields: { Query: [people, firm, vault, beings], Person: [name, code, friend, work], Robot: [name], Being: [name] }
    allow: everyone
  - name: ids
    class: government-id
    fields: { Person: [ssn] }
    allow: everyone
  - name: phones
    class: contact
    fields: { Person: [phone] }
    allow: { scopes: [phone] }
    otherwise: [{ mask: last4, allow: everyone }]
  - { name: taxes, fields: { Person: [tax] }, allow: { scopes: [tax] } }
  - name: places
    class: personal
    fields: { Person: [home, accounts], Home: [street], Work: [floor], Account: [iban], Robot: [secret], Firm: [motto], Vault: [secret] }
    allow: everyone
`;

const options: TestGatewayOptions = {
  upstreams: {
    hr: played(sdl, {
      people,
      firm: { motto: 'm' },
      // Past 2^53: it may have been another number on the wire.
      vault: { number: 2 ** 53, secret: 'x' },
      beings: [...people, ...robots],
    }),
  },
  rules,
  subjects: new Map([
    ['Person', { type: 'Person', field: 'id' }],
    ['Account', { type: 'Person', field: 'ownerId' }],
    ['Robot', { type: 'Robot', field: 'serial' }],
    ['Vault', { type: 'Vault', field: 'number' }],
  ]),
};
const gateways = {
  compiled: await testGateway({ ...options, engine: 'compiled' }),
  reference: await testGateway({ ...options, engine: 'reference' }),
};

interface Case {
  name: string;
  query: string;
  /** `coordinate count/masked` of each. */
  delivered: string[];
  /** `coordinate type:id` of each value that left, sorted. */
  subjects: string[];
}

const cases: Case[] = [
  {
    name: 'nulls do not count, ids are fetched for it',
    query: '{ people { ssn } }',
    delivered: ['Person.ssn 1/0'],
    subjects: ['Person.ssn Person:1'],
  },
  {
    name: 'aliases count each, an alias on another field is no id',
    query: '{ people { id: name a: ssn b: ssn fgs_id: name } }',
    delivered: ['Person.ssn 2/0'],
    subjects: ['Person.ssn Person:1', 'Person.ssn Person:1'],
  },
  {
    name: 'masked values are told apart',
    query: '{ people { phone } }',
    delivered: ['Person.phone 1/1'],
    subjects: ['Person.phone Person:1'],
  },
  {
    name: 'what is below belongs to whom it is below, or to whom it says',
    query: '{ people { home { street } accounts { iban } } }',
    delivered: ['Home.street 1/0', 'Person.home 1/0', 'Account.iban 1/0', 'Person.accounts 2/0'],
    subjects: [
      'Account.iban Person:1',
      'Home.street Person:1',
      'Person.accounts Person:1',
      'Person.accounts Person:1',
      'Person.home Person:1',
    ],
  },
  {
    name: 'below what is not classified, too',
    query: '{ people { work { floor } } }',
    delivered: ['Work.floor 1/0'],
    subjects: ['Work.floor Person:1'],
  },
  {
    name: 'what a null takes away did not leave',
    query: '{ people { ssn code } }',
    delivered: ['Person.ssn 1/0'],
    subjects: ['Person.ssn Person:1'],
  },
  {
    name: 'implementations have their own subjects',
    query: '{ beings { ... on Person { ssn } ... on Robot { secret } name } }',
    delivered: ['Person.ssn 1/0', 'Robot.secret 1/0'],
    subjects: ['Person.ssn Person:1', 'Robot.secret Robot:5'],
  },
  {
    name: 'a type’s name is no id, nor is what was denied',
    query: '{ people { __typename tax ssn } }',
    delivered: ['Person.ssn 1/0'],
    subjects: ['Person.ssn Person:1'],
  },
  {
    name: 'whose it is may be unknown',
    query: '{ firm { motto } }',
    delivered: ['Firm.motto 1/0'],
    subjects: ['Firm.motto ?'],
  },
  {
    name: 'a number that was rounded is nobody',
    query: '{ vault { secret } }',
    delivered: ['Vault.secret 1/0'],
    subjects: ['Vault.secret ?'],
  },
  { name: 'nothing classified', query: '{ people { name } }', delivered: [], subjects: [] },
];

const told = (record: RequestRecord | undefined): string[] =>
  (record?.tally?.slots ?? [])
    .map((slot, index) => {
      const subject = record?.tally?.subjects[index];
      const whose = subject === undefined ? '?' : `${subject.type}:${subject.id}`;
      return `${record?.classified[slot]?.coordinate} ${whose}`;
    })
    .sort();

describe.each(['compiled', 'reference'] as const)('the tally of an answer, %s engine', (engine) => {
  const gateway = gateways[engine];

  it.each(cases)('$name', async ({ query, delivered, subjects }) => {
    const { text, status } = await gateway.query(query);
    expect(status).toBe(200);
    expect(text).not.toMatch(query.includes('fgs') ? /ownerId/ : /fgs|ownerId|serial/);
    const record = gateway.records.at(-1);
    const counts = record?.delivered.map((one) => `${one.coordinate} ${one.count}/${one.masked}`);
    expect(counts?.sort()).toEqual([...delivered].sort());
    expect(told(record)).toEqual(subjects);
    // Ids are keyed as texts: a number would be another person in the trail.
    const ids = record?.tally?.subjects.flatMap((subject) => subject?.id ?? []) ?? [];
    expect(ids.map((id) => typeof id)).toEqual(ids.map(() => 'string'));
  });

  it('asks for an id only where something classified is selected', async () => {
    gateway.requests.length = 0;
    await gateway.query('{ people { name } }');
    expect(gateway.requests[0]?.query).not.toMatch(/\bid\b/);
    await gateway.query('{ people { ssn } }');
    expect(gateway.requests[1]?.query).toMatch(/\bid\b/);
  });

  it('asks for no id above the object that says whose it is', async () => {
    gateway.requests.length = 0;
    await gateway.query('{ people { friend { ssn } } }');
    expect(told(gateway.records.at(-1))).toEqual(['Person.ssn Person:3']);
    expect(gateway.requests[0]?.query.match(/\bid\b/g)).toHaveLength(1);
  });

  it('names rule and classes', async () => {
    await gateway.query('{ people { ssn } }');
    expect(gateway.records.at(-1)?.delivered).toMatchObject([
      { classes: ['government-id'], rule: 'ids' },
    ]);
  });
});

describe('the seal', () => {
  const sealed = (seal: TestGatewayOptions['seal']) =>
    testGateway({ ...options, ...(seal && { seal }) });

  it('stands before the answer, once, whatever happened', async () => {
    const seen: (number | string)[] = [];
    const one = await sealed((record) => {
      seen.push(record.status, record.refusal?.reason ?? '-', record.delivered.length);
      return undefined;
    });
    await one.query('{ people { ssn } }');
    await one.query('{ nothing }');
    expect(seen).toEqual([200, '-', 1, 200, 'limits/invalid', 0]);
  });

  it('a refusal takes the answer’s place, and nothing is said to have left', async () => {
    const one = await sealed(({ delivered }) =>
      delivered.length > 0 ? new Refusal('watch/audit-unavailable') : undefined,
    );
    const refused = await one.query('{ people { ssn } }');
    expect([refused.status, refused.body.errors?.[0]?.extensions.code]).toEqual([
      503,
      'AUDIT_UNAVAILABLE',
    ]);
    expect(refused.text).not.toMatch(/900-\d\d-/);
    expect(one.records.at(-1)).toMatchObject({ delivered: [], status: 503 });
    expect((await one.query('{ people { name } }')).status).toBe(200);
  });

  it('one that throws lets nothing out', async () => {
    const one = await sealed(() => {
      throw new Error('broken');
    });
    const { status, text } = await one.query('{ people { ssn } }');
    expect(status).toBe(500);
    expect(text).not.toMatch(/900-\d\d-/);
  });
});

it('after what did not leave, each value is still whose it is', () => {
  const tally = new Tally();
  const of = (id: string) => ({ type: 'Person', id });
  tally.value(0, of('1'));
  const mark = tally.mark();
  tally.value(1, of('2'));
  tally.value(0, undefined);
  tally.rollback(mark);
  tally.value(0, of('3'));
  expect(tally.slots).toEqual([0, 0]);
  expect(tally.subjects).toEqual([of('1'), of('3')]);
});
