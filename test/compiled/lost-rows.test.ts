/**
 * What a failure has taken away is not followed: no upstream is asked for keys of rows that cannot
 * be delivered. Places that ask alike ask once, and a place that is lost is told once.
 */
import { describe, expect, it } from 'vitest';
import type { Joins, Links } from '../../gateway/delegate/stitch/stitch-config.ts';
import { type TestGateway, testGateway } from '../support/gateway.ts';

const staffSdl = `
  type Query { teams: [Team!]! team: Team employee(id: ID!): Employee }
  type Mutation { touch(id: ID!): Employee }
  type Team { name: String lead: Lead members: [Employee!]! }
  type Lead { title: String! person: Employee }
  type Employee { id: ID! email: String managerId: ID }`;
const paySdl = `
  type Query { employeesById(ids: [ID!]!): [Employee] }
  type Employee { id: ID! grade: String slips: [Slip!] }
  type Slip { net: Int! ownerId: ID }`;

const joins: Joins = {
  Employee: {
    key: 'id',
    staff: { field: 'employee', argument: 'id' },
    pay: { field: 'employeesById', argument: 'ids', batch: true },
  },
};
const links: Links = {
  'Employee.manager': { upstream: 'staff', field: 'employee', argument: 'id', from: 'managerId' },
  'Slip.owner': { upstream: 'staff', field: 'employee', argument: 'id', from: 'ownerId' },
};
const rules = `{ version: 1, rules: [{ name: open, allow: everyone, fields: {
  Query: ["*"], Mutation: [touch], Team: ["*"], Lead: ["*"], Employee: ["*"], Slip: ["*"] } }] }`;

type Played = (request: { query: string; variables: Record<string, unknown> }) => unknown;

const gatewayOf = (engine: 'compiled' | 'reference', staff: Played, pay: Played) =>
  testGateway({
    engine,
    upstreams: { staff: { sdl: staffSdl, answer: staff }, pay: { sdl: paySdl, answer: pay } },
    joins,
    links,
    rules,
  });

const textsOf = ({ requests }: TestGateway) =>
  requests.map(({ upstream, variables }) => `${upstream} ${JSON.stringify(variables)}`);

/** The key under which a document asks for a root field. */
const keyOf = (query: string, field: string) =>
  new RegExp(`(\\w+)\\s*:\\s*${field}\\b`).exec(query)?.[1] ?? field;

const broken = (path: (string | number)[]) => ({ message: 'x', path });

describe('a row that is lost', () => {
  it('is not followed to another upstream', async () => {
    const gateway = await gatewayOf(
      'compiled',
      () => ({
        data: { teams: [{ members: [{ id: '1' }, { id: '2' }] }, { members: [{ id: '3' }] }] },
        errors: [broken(['teams', 0, 'members', 1])],
      }),
      () => ({ data: {} }),
    );
    const { body } = await gateway.query('{ teams { members { grade } } }');
    // A member that failed takes all teams away.
    expect(body.data).toEqual({ teams: null });
    expect(textsOf(gateway)).toEqual(['staff {}']);
    await gateway.close();
  });

  it('is not followed where it was lost after its own request', async () => {
    const gateway = await gatewayOf(
      'compiled',
      () => ({ data: { team: { members: [{ id: '1' }] } } }),
      () => ({
        data: {
          r0: [
            {
              _fgKey: '1',
              id: '1',
              slips: [
                { net: 1, ownerId: '7' },
                { net: 2, ownerId: '8' },
              ],
            },
          ],
        },
        errors: [broken(['r0', 0, 'slips', 1, 'net'])],
      }),
    );
    const { body } = await gateway.query('{ team { members { slips { net owner { email } } } } }');
    expect(body.data).toEqual({ team: { members: [{ slips: null }] } });
    expect(textsOf(gateway)).toEqual(['staff {}', 'pay {"_k0":["1"]}']);
    await gateway.close();
  });
});

describe('places that ask alike', () => {
  it('send a key once, and each has its row', async () => {
    const gateway = await gatewayOf(
      'compiled',
      ({ query }) =>
        query.includes('employee(')
          ? { data: { r0: { id: '9', _fgKey: '9', email: 'boss@example.com' } } }
          : {
              data: {
                team: {
                  lead: { person: { id: '1', managerId: '9' } },
                  members: [
                    { id: '1', managerId: '9' },
                    { id: '2', managerId: '9' },
                  ],
                },
              },
            },
      ({ variables }) => ({
        data: {
          r0: (variables._k0 as string[]).map((id) => ({ _fgKey: id, id, grade: `G${id}` })),
        },
      }),
    );
    const part = '{ grade manager { email } }';
    const { body } = await gateway.query(`{ team { lead { person ${part} } members ${part} } }`);
    const manager = { email: 'boss@example.com' };
    expect(body).toEqual({
      data: {
        team: {
          lead: { person: { grade: 'G1', manager } },
          members: [
            { grade: 'G1', manager },
            { grade: 'G2', manager },
          ],
        },
      },
    });
    expect(textsOf(gateway).sort()).toEqual([
      'pay {"_k0":["1","2"]}',
      'staff {"_k0":"9"}',
      'staff {}',
    ]);
    await gateway.close();
  });
});

describe.each(['compiled', 'reference'] as const)(
  'a row that is under way, %s engine',
  (engine) => {
    it('leads on from the place that wants it later, too', async () => {
      const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
      const gateway = await gatewayOf(
        engine,
        async ({ query }) => {
          if (query.includes('team')) {
            return { data: { team: { members: [{ id: '1', managerId: '9' }] } } };
          }
          const roots = [...query.matchAll(/(?:(\w+)\s*:\s*)?employee\(/g)];
          const isLast = !query.includes('manager');
          if (!isLast) await arrived;
          const id = isLast ? '10' : '9';
          const row = { __typename: 'Employee', id, _fgKey: id, email: `e${id}`, managerId: '10' };
          return { data: Object.fromEntries(roots.map(([, key]) => [key ?? 'employee', row])) };
        },
        ({ query }) => {
          setTimeout(arrive, 20);
          const slips = [{ net: 1, ownerId: '9' }];
          const rows = [{ _fgKey: '1', id: '1', __typename: 'Employee', slips }];
          return { data: { [keyOf(query, 'employeesById')]: rows } };
        },
      );
      const part = '{ email manager { email } }';
      const { body } = await gateway.query(
        `{ team { members { manager ${part} slips { owner ${part} } } } }`,
      );
      const row = { email: 'e9', manager: { email: 'e10' } };
      expect(body).toEqual({
        data: { team: { members: [{ manager: row, slips: [{ owner: row }] }] } },
      });
      await gateway.close();
    });
  },
);

describe.each(['compiled', 'reference'] as const)('what was read before a write', (engine) => {
  it('is asked for anew after it', async () => {
    let times = 0;
    const gateway = await gatewayOf(
      engine,
      ({ query }) => ({ data: { [keyOf(query, 'touch')]: { id: '1' } } }),
      ({ query }) => {
        times += 1;
        const rows = [{ _fgKey: '1', id: '1', __typename: 'Employee', grade: `G${times}` }];
        return { data: { [keyOf(query, 'employeesById')]: rows } };
      },
    );
    const { body } = await gateway.query(
      'mutation { a: touch(id: "1") { grade } b: touch(id: "1") { grade } }',
    );
    expect(body).toEqual({ data: { a: { grade: 'G1' }, b: { grade: 'G2' } } });
    await gateway.close();
  });
});

describe.each(['compiled', 'reference'] as const)('a lost place, by the %s engine', (engine) => {
  it.each([
    {
      name: 'two rows of a list',
      data: { team: { name: 'a', members: [{ id: '1' }, { id: '2' }] } },
      errors: [broken(['team', 'members', 0]), broken(['team', 'members', 1])],
      places: ['team'],
    },
    {
      name: 'a field that may be null, in a row that goes with its list',
      data: { team: { name: 'a', members: [{ id: '1', email: null }, { id: '2' }] } },
      errors: [broken(['team', 'members', 0, 'email']), broken(['team', 'members', 1])],
      places: ['team'],
    },
    {
      name: 'two places, of which none takes the other',
      data: { team: { name: null, lead: { title: null } } },
      errors: [broken(['team', 'name']), broken(['team', 'lead', 'title'])],
      places: ['team.lead', 'team.name'],
    },
  ])('is told once: $name', async ({ data, errors, places }) => {
    const gateway = await gatewayOf(
      engine,
      () => ({ data: { team: { members: [], lead: null, ...data.team } }, errors }),
      () => ({ data: {} }),
    );
    const { body } = await gateway.query('{ team { name lead { title } members { id email } } }');
    const told = (body.errors ?? []).map(({ path = [] }) => {
      let value: unknown = body.data;
      const walked: (string | number)[] = [];
      for (const key of path) {
        if (typeof value !== 'object' || value === null) break;
        walked.push(key);
        value = Reflect.get(value, key);
      }
      return walked.join('.');
    });
    expect(told.sort()).toEqual(places);
    await gateway.close();
  });
});

describe.each(['compiled', 'reference'] as const)('of two failures, by the %s engine', (engine) => {
  it.each(['{ team { members { id } code } }', '{ team { code members { id } } }'])(
    'the one nearest to what it took is told: %s',
    async (query) => {
      const gateway = await testGateway({
        engine,
        upstreams: {
          staff: {
            sdl: `
            type Query { team: Team }
            type Team { code: String! members: [Employee!]! }
            type Employee { id: ID! }`,
            answer: () => ({
              data: { team: { code: 'c', members: [{ id: '1' }, { id: '2' }] } },
              errors: [broken(['team', 'code']), broken(['team', 'members', 1])],
            }),
          },
        },
        rules: `{ version: 1, rules: [{ name: open, allow: everyone, fields: {
        Query: [team], Team: ["*"], Employee: ["*"] } }] }`,
      });
      const { body } = await gateway.query(query);
      expect(body.data).toEqual({ team: null });
      expect(body.errors?.map(({ path }) => path)).toEqual([['team', 'code']]);
      await gateway.close();
    },
  );
});

describe.each(['compiled', 'reference'] as const)('an object that failed, %s engine', (engine) => {
  it('leads nowhere, whatever a failure is called', async () => {
    const gateway = await testGateway({
      engine,
      upstreams: {
        staff: {
          sdl: `
            type Query { teams: [Team] person(id: ID!): Person }
            type Team { name: String }
            type Person { id: ID! email: String }`,
          answer: ({ query }) =>
            query.includes('teams')
              ? { data: { teams: ['no team', { name: 'ada' }] } }
              : { data: { [keyOf(query, 'person')]: { id: 'ada', _fgKey: 'ada', email: 'a@b' } } },
        },
      },
      links: { 'Team.lead': { upstream: 'staff', field: 'person', argument: 'id', from: 'name' } },
      rules: `{ version: 1, rules: [{ name: open, allow: everyone, fields: {
        Query: [teams], Team: ["*"], Person: ["*"] } }] }`,
    });
    const { body } = await gateway.query('{ teams { lead { email } } }');
    expect(body.data).toEqual({ teams: [null, { lead: { email: 'a@b' } }] });
    expect(JSON.stringify(gateway.requests)).not.toMatch(/Failure|Error/);
    expect(gateway.requests).toHaveLength(2);
    await gateway.close();
  });
});
