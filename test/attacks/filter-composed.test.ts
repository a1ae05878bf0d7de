/**
 * Filters on a classified field in graphs of several upstreams: types that are renamed by a prefix or
 * called after their role, fields that a join brings from elsewhere, objects behind a link. What an
 * argument means must not hang on what a type is called here.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { toDocument } from '../delegate/openapi-rig.ts';
import { type TestCaller, testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

const paySdl = /* GraphQL */ `
  type Query {
    workers(workerTeam: String, team: String, range: SsnRange, order: WorkerOrder = id, where: WorkerFilter, a: NetInput, n: TaxCode, first: Int): [Worker]
    total(workerTeam: String, "Of the net pay." b: Int): Int
    stats(workerTeam: String): Stats
    sorted(order: WorkerOrder = WORKER_TEAM, by: String = "net desc", first: Int): [Worker]
    peopleById(ids: [ID!]!): [Person]!
  }
  scalar TaxCode
  type Stats { count: Int }
  type Worker { id: ID team: String net: Int ssn: String taxCode: TaxCode slips(netMin: Int, slipNote: String): [Slip] boss: Worker }
  type Slip { net: Int note: String number: Int worker: Worker }
  type Person { id: ID! salary: Int grades(salaryOver: Int): [Grade] }
  type Grade { level: Int }
  input SsnRange { min: String max: String }
  input NetInput { gt: Int }
  enum WorkerOrder { WORKER_TEAM NET_ASC id }
  input WorkerFilter { worker_team: String bossTeam: String slips: SlipFilter workerBossNet: Int id: ID }
  input SlipFilter { workerTeam: String note: String number: Int }
`;
const hrSdl = /* GraphQL */ `
  type Query {
    people(salaryMin: Int, bossTeam: String, personSalary: Int, filter: PersonFilter, orderBy: PersonOrder, first: Int): [Person]
    person(id: ID!): Person
  }
  type Person { id: ID! name: String bossId: ID team: String }
  input PersonFilter { salary: IntFilter boss: PersonFilter name: String }
  input IntFilter { gt: Int }
  enum PersonOrder { name BOSS_SALARY_DESC }
`;

const worker = { id: 'w', slips: [{ number: 1 }], boss: null };
const ada = { id: '1', name: 'Ada', bossId: '2' };
const text = { type: 'string' };
const dto = { type: 'object', properties: { id: text, desk: text, tag: text } };
const document = toDocument(
  {
    '/desks': {
      get: {
        parameters: ['desk-user-desk', 'deskUserTag', 'desk'].map((name) => ({
          name,
          in: 'query',
          schema: text,
        })),
        responses: {
          200: {
            description: 'ok',
            content: { 'application/json': { schema: { type: 'array', items: dto } } },
          },
        },
      },
    },
  },
  { DeskUserDto: dto },
);

/** With names of the upstream `pay` as they are in the graph. */
const gatewayWith = (prefix: string) =>
  testGateway({
    upstreams: {
      hr: played(hrSdl, { people: [ada], person: { ...ada, id: '2' } }),
      pay: {
        ...played(paySdl, {
          workers: [worker],
          sorted: [worker],
          total: 1,
          stats: { count: 1 },
          peopleById: [{ id: '1', grades: [{ level: 1 }] }],
        }),
        ...(prefix !== '' && { prefix }),
      },
    },
    rest: {
      desk: {
        document,
        operations: { 'Query.desks': 'GET /desks' },
        answer: () => ({ status: 200, body: '[{"id":"d","desk":"secret","tag":"t"}]' }),
      },
    },
    ...(prefix === '' && {
      joins: {
        Person: {
          key: 'id',
          hr: { field: 'person', argument: 'id' },
          pay: { field: 'peopleById', argument: 'ids', batch: true },
        },
      },
    }),
    links: { 'Person.boss': { upstream: 'hr', field: 'person', argument: 'id', from: 'bossId' } },
    rules: `
version: 1
rules:
  - name: open
    fields:
      Query: [workers, total, stats, sorted, people, desks]
      ${prefix}Worker: [id, slips, boss]
      ${prefix}Slip: [number, worker]
      ${prefix}Stats: [count]
      ${prefix}Grade: [level]
      Person: [id, name, boss${prefix === '' ? ', grades' : ''}]
      DeskUserDto: [id, tag]
    allow: everyone
  - name: secret
    class: secret
    fields:
      ${prefix}Worker: [team, net, ssn, taxCode]
      ${prefix}Slip: [net, note]
      ${prefix}Person: [salary${prefix === '' ? ', team' : ''}]
      DeskUserDto: [desk]
    allow: { scopes: [s] }
`,
  });

interface Case {
  readonly given: string;
  /** `*` stands for the prefix. */
  readonly coordinate: string;
}
const argument = (given: string): Case => ({
  given,
  coordinate: `Query.${given.replace(/\((\w+).*/s, '($1:)')}`,
});
const inside = (given: string, coordinate: string): Case => ({ given, coordinate });

const ofPay: Case[] = [
  argument('workers(workerTeam: "x") { id }'),
  argument('workers(team: "x") { id }'),
  argument('workers(range: { min: "1" }) { id }'),
  argument('workers(n: "1") { id }'),
  argument('workers(a: { gt: 1 }) { id }'),
  argument('total(workerTeam: "x")'),
  argument('stats(workerTeam: "x") { count }'),
  inside('workers(order: WORKER_TEAM) { id }', '*WorkerOrder.WORKER_TEAM'),
  inside('workers(order: NET_ASC) { id }', '*WorkerOrder.NET_ASC'),
  inside('workers(where: { worker_team: "x" }) { id }', '*WorkerFilter.worker_team'),
  inside('workers(where: { bossTeam: "x" }) { id }', '*WorkerFilter.bossTeam'),
  inside('workers(where: { workerBossNet: 1 }) { id }', '*WorkerFilter.workerBossNet'),
  inside('workers { slips(netMin: 1) { number } }', '*Worker.slips(netMin:)'),
  inside('workers { slips(slipNote: "x") { number } }', '*Worker.slips(slipNote:)'),
  inside('sorted(by: "id") { id }', 'Query.sorted(by:)'),
  inside('sorted(order: id) { id }', 'Query.sorted(by:)'),
];
const ofDesks: Case[] = [
  argument('desks(desk: "x") { id }'),
  argument('desks(deskUserDesk: "x") { id }'),
];
const ofJoins: Case[] = [
  argument('people(salaryMin: 1) { id }'),
  argument('people(personSalary: 1) { id }'),
  inside('people(filter: { salary: { gt: 1 } }) { id }', 'PersonFilter.salary'),
  inside('people(filter: { boss: { salary: { gt: 1 } } }) { id }', 'PersonFilter.salary'),
  inside('people(orderBy: BOSS_SALARY_DESC) { id }', 'PersonOrder.BOSS_SALARY_DESC'),
  inside('people { grades(salaryOver: 1) { level } }', 'Person.grades(salaryOver:)'),
  inside('people { boss { grades(salaryOver: 1) { level } } }', 'Person.grades(salaryOver:)'),
];

const clerk: TestCaller = { scopes: ['s'] };

describe.each([
  { prefix: '', cases: [...ofPay, ...ofDesks, ...ofJoins] },
  { prefix: 'Pay_', cases: [...ofPay, ...ofDesks] },
  { prefix: 'P', cases: ofPay },
])('with the prefix "$prefix"', async ({ prefix, cases }) => {
  const gateway = await gatewayWith(prefix);
  beforeEach(() => {
    gateway.requests.length = 0;
  });

  it.each(cases)('needs the grant: $given', async ({ given, coordinate }) => {
    const { body } = await gateway.query(`{ ${given} }`);
    expect(new Set(body.errors?.map(({ extensions }) => extensions.coordinate))).toEqual(
      new Set([coordinate.replace('*', prefix)]),
    );
    const [name = ''] = given.match(/(?<=\()\w+/) ?? [];
    expect(JSON.stringify(gateway.requests)).not.toContain(`${name}:`);
    expect((await gateway.query(`{ ${given} }`, { as: clerk })).body.errors).toBeUndefined();
  });

  it('what filters on nothing of that stays open', async () => {
    for (const given of [
      'workers(first: 1, order: id, where: { id: "w", slips: { number: 1 } }) { id }',
      'people(first: 1, filter: { name: "A", boss: { name: "B" } }, orderBy: name) { id }',
      'desks(deskUserTag: "t") { id }',
    ]) {
      const { body } = await gateway.query(`{ ${given} }`);
      expect([given, body.errors]).toEqual([given, undefined]);
    }
  });
});
