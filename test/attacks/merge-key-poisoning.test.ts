/**
 * `{ me { id: displayName iban } }`: an alias on the key of a join makes another person's id the
 * key, and the other upstream answers with that person's account. Worst where the first upstream
 * does not validate what it is sent, so that no conflict of aliases is ever noticed.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Joins } from '../../gateway/delegate/stitch/stitch-config.ts';
import { testGateway } from '../support/gateway.ts';
import { obvious, played } from './obvious.ts';

const me = { id: '1', displayName: '42', managerId: '3' };
const hris = /* GraphQL */ `
  type Query { me: Employee employee(id: ID!): Employee }
  type Employee { id: ID! displayName: String managerId: ID }
`;
const payroll = /* GraphQL */ `
  type Query { employeesById(ids: [ID!]!): [Employee] }
  type Employee { id: ID! iban: String }
`;
const toEmployee = (id: string) => ({ id, iban: `IBAN-OF-${id}` });
const pay = { employeesById: ({ ids }: { ids: string[] }) => ids.map(toEmployee) };
const people = { me, employee: ({ id }: { id: string }) => (id === '1' ? me : null) };
const joins: Joins = {
  Employee: {
    key: 'id',
    hris: { field: 'employee', argument: 'id' },
    payroll: { field: 'employeesById', argument: 'ids', batch: true },
  },
};
const rules = `
version: 1
rules:
  - name: all-but-ids
    fields:
      Query: [me, employee, employeesById]
      Employee: [displayName, iban, managerId]
    allow: everyone
  - name: ids
    fields: { Employee: [id] }
    allow: { scopes: [ids] }
`;
const lenient = {
  hris: played(hris, people, { lenient: true }),
  payroll: played(payroll, pay, { lenient: true }),
};
const validating = { hris: played(hris, people), payroll: played(payroll, pay) };
const gateways = {
  lenient: await testGateway({ upstreams: lenient, joins, rules }),
  validating: await testGateway({ upstreams: validating, joins, rules }),
};
const poison = '{ me { id: displayName iban } }';

beforeEach(() => {
  for (const gateway of Object.values(gateways)) gateway.requests.length = 0;
});

describe('the key of a join under a name of the caller', () => {
  it('is poisoned in the obvious gateway', async () => {
    const open = obvious({ upstreams: lenient, joins });
    expect((await open.query('{ me { id iban } }')).text).toContain('IBAN-OF-1');
    expect((await open.query(poison)).text).toContain('IBAN-OF-42');
  });

  const cases = [
    { name: 'id', given: poison, expect: { me: { id: '42', iban: 'IBAN-OF-1' } } },
    {
      name: 'id, the iban first',
      given: '{ me { iban id: displayName } }',
      expect: { me: { iban: 'IBAN-OF-1', id: '42' } },
    },
    {
      name: 'id, in a fragment',
      given: '{ me { ...F ... on Employee { iban } } } fragment F on Employee { id: displayName }',
      expect: { me: { id: '42', iban: 'IBAN-OF-1' } },
    },
    {
      name: "the gateway's own key",
      given: '{ me { _fgKey: displayName fg_id: displayName iban } }',
      expect: { me: { _fgKey: '42', fg_id: '42', iban: 'IBAN-OF-1' } },
    },
    {
      name: 'the result under the key',
      given: '{ me { id: iban iban: displayName } }',
      expect: { me: { id: 'IBAN-OF-1', iban: '42' } },
    },
    {
      name: 'from the other upstream',
      given: '{ employeesById(ids: ["1"]) { id: iban displayName } }',
      expect: { employeesById: [{ id: 'IBAN-OF-1', displayName: '42' }] },
    },
  ];
  describe.each(['lenient', 'validating'] as const)('before a %s upstream', (kind) => {
    it.each(cases)('stays the key: $name', async ({ given, expect: data }) => {
      const { body } = await gateways[kind].query(given);
      expect(body).toEqual({ data });
      const { requests } = gateways[kind];
      expect(requests.flatMap(({ variables }) => Object.values(variables)).flat()).not.toContain(
        '42',
      );
    });

    it('is not shown to who may not have it, though joins need it', async () => {
      const { body } = await gateways[kind].query('{ me { id iban } }');
      expect(body.data).toEqual({ me: { id: null, iban: 'IBAN-OF-1' } });
      expect(body.errors?.map((error) => [error.extensions.coordinate, error.path])).toEqual([
        ['Employee.id', ['me', 'id']],
      ]);
    });
  });
});
