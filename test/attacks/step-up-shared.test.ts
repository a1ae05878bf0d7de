/**
 * Plans are kept for whoever has the same grants. What was decided for one caller, or a moment ago, of
 * rules that ask for a sign-in beside scopes, objects and arguments must reach nobody else: in whatever
 * order callers come, each gets what a gateway gives that has seen nobody.
 */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../properties/random.ts';
import { type TestCaller, type TestGateway, testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

const sdl = /* GraphQL */ `
  type Query { me: Employee people(ssn: String, city: String): [Employee!] person(id: ID): Employee }
  type Mutation { pay(id: ID, amount: Int): Boolean }
  type Employee { id: ID! tenant: ID ssn: String salary: Int iban: String note: String badge: String }
`;
const row = (id: string, tenant: string) => ({
  ...{ id, tenant, ssn: `900-11-000${id}`, salary: Number(id), iban: `NO${id}`, note: `n${id}` },
  badge: `badge-${id}`,
});
const root = {
  me: row('1', 'a'),
  people: [row('1', 'a'), row('2', 'b')],
  person: ({ id }: { id: string }) => row(id, 'a'),
  pay: true,
};
const rules = `
version: 1
rules:
  - { name: open, fields: { Query: [me, people], Employee: [id] }, allow: everyone }
  - name: ssn
    fields: { Employee: [ssn] }
    allow: { any: [ { all: [ { auth: { acr: [mfa] } }, { scopes: [hr] } ] }, { when: object.id == claims.employee } ] }
  - name: salary
    fields: { Employee: [salary] }
    allow: { all: [ { auth: { maxAge: 5m } }, { when: object.tenant == claims.tenant } ] }
  - name: iban
    fields: { Employee: [iban] }
    allow: { any: [ { auth: { acr: [mfa], maxAge: 5m } }, { scopes: [bank] } ] }
    otherwise: [ { mask: redact, allow: { auth: { acr: [mfa] } } }, deny ]
  - { name: note, fields: { Employee: [note] }, allow: { auth: { acr: [mfa] } }, otherwise: [hide] }
  - { name: badge, fields: { Employee: [badge] }, allow: everyone, require: { auth: { acr: [mfa] } } }
  - name: person
    fields: { Query: [person] }
    allow: { any: [ { all: [ { auth: { acr: [mfa] } }, { scopes: [hr] } ] }, { when: args.id == claims.employee } ] }
  - { name: filter, fields: { Query: ["people(ssn:)"] }, allow: { auth: { acr: [mfa] }, scopes: [hr] } }
  - name: pay
    fields: { Mutation: [pay] }
    allow: { all: [ { auth: { acr: [mfa], maxAge: 60s } }, { when: args.id == claims.employee } ] }
`;

const start = Date.now();
const ago = (seconds: number): number => Math.floor(start / 1_000) - seconds;
const sessions = [
  {},
  { acr: 'mfa', auth_time: ago(10) },
  { acr: 'mfa', auth_time: ago(280) },
  { acr: 'pwd', auth_time: ago(10) },
];
const whos: TestCaller[] = [
  { claims: { employee: '1', tenant: 'a' } },
  { scopes: ['hr'], claims: { employee: '2', tenant: 'b' } },
  { scopes: ['bank'], claims: { tenant: 'a' } },
];
const callers: (TestCaller | undefined)[] = [
  undefined,
  ...whos.flatMap((who) =>
    sessions.map((session) => ({ ...who, claims: { ...who.claims, ...session } })),
  ),
];
const operations: { query: string; variables?: Record<string, unknown> }[] = [
  { query: '{ people { id ssn salary } }' },
  { query: '{ me { iban badge } people { badge } }' },
  { query: '{ me { note } }' },
  { query: '{ __type(name: "Employee") { fields { name } } }' },
  { query: '{ people(ssn: "9") { id } }' },
  { query: 'query ($id: ID) { person(id: $id) { id } }', variables: { id: '1' } },
  { query: 'query ($id: ID) { person(id: $id) { id } }', variables: { id: '2' } },
  { query: 'query ($i: Boolean!) { people { id ssn @include(if: $i) } }', variables: { i: true } },
  { query: 'query ($i: Boolean!) { people { id ssn @include(if: $i) } }', variables: { i: false } },
  { query: 'mutation ($id: ID) { pay(id: $id) }', variables: { id: '1' } },
  { query: 'mutation ($id: ID) { pay(id: $id) }', variables: { id: '2' } },
];
/** Recent sign-ins have grown old at the last. */
const moments = [0, 30_000, 90_000];

interface Turn {
  readonly caller: number;
  readonly operation: number;
  readonly moment: number;
}
const turns: Turn[] = moments.flatMap((_, moment) =>
  callers.flatMap((__, caller) =>
    operations.map((___, operation) => ({ caller, operation, moment })),
  ),
);

describe.each(['compiled', 'reference'] as const)('%s', (engine) => {
  let nowMs = start;
  const open = () =>
    testGateway({ engine, upstreams: { hr: played(sdl, root) }, rules, now: () => nowMs });

  const take = async (gateway: TestGateway, { caller, operation, moment }: Turn) => {
    nowMs = start + (moments[moment] ?? 0);
    gateway.requests.length = 0;
    const { query = '', variables } = operations[operation] ?? {};
    const as = callers[caller];
    const answer = await gateway.query(query, {
      ...(as && { as }),
      ...(variables && { variables }),
    });
    const { status, body, headers } = answer;
    const errors = body.errors?.map(({ path, extensions: { requestId: _, ...rest } }) => [
      path,
      rest,
    ]);
    const sent = gateway.requests.map((one) => [one.query, one.variables]);
    const { masked } = body.extensions ?? {};
    return {
      status,
      challenge: headers['www-authenticate'],
      data: body.data,
      errors,
      masked,
      sent,
    };
  };

  it.each([1, 2])(
    'each gets its own after all others, in order %s',
    async (seed) => {
      const random = createRandom(seed);
      const order = Array.from({ length: 300 }, () => random.pick(turns));
      const gateway = await open();
      const warm = [];
      for (const turn of order) warm.push({ turn, ...(await take(gateway, turn)) });
      await gateway.close();
      // Those that came last had most before them.
      for (const outcome of warm.slice(-10)) {
        const other = await open();
        expect(outcome).toEqual({ turn: outcome.turn, ...(await take(other, outcome.turn)) });
        await other.close();
      }
      const text = JSON.stringify(warm.map(({ turn: _, ...outcome }) => outcome));
      for (const one of ['STEP_UP_REQUIRED', 'FORBIDDEN', '"masked":[', '"ssn":"900-11-0001"']) {
        expect(text).toContain(one);
      }
    },
    60_000,
  );
});
