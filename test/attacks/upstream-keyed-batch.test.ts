/**
 * An upstream that is asked for rows by key omits, reorders, repeats or invents some. Matching by
 * position would show one person's data as another's.
 */
import type { Executor } from '@graphql-tools/utils';
import { buildSchema, graphql, print } from 'graphql';
import { describe, expect, it } from 'vitest';
import { composeSchema } from '../../gateway/delegate/stitch/stitch.ts';
import { answering, run, seen } from '../support/delegation.ts';
import { hris, joins, servedHris, toSubgraph } from '../support/staff.ts';

const pay = buildSchema(/* GraphQL */ `
  type Query { employeesById(ids: [ID!]!): [Employee] }
  type Employee { id: ID!, salary: Float }
`);
const row = (id: unknown, salary: number) => ({ _fgKey: id, id: String(id), salary });

async function salaries(rows: unknown): Promise<unknown> {
  const served = answering(() => ({ data: { employeesById: rows } }));
  const { schema } = composeSchema({
    subgraphs: [toSubgraph('hris', hris, servedHris()), toSubgraph('payroll', pay, served)],
    joins,
  });
  const { data, errors } = seen(await run(schema, '{ employees { salary } }'));
  const { employees } = data as { employees: { salary: number | null }[] };
  return [employees.map(({ salary }) => salary), errors];
}

describe('rows by key', () => {
  const clash = 'two rows have one key';
  const cases: { name: string; given: unknown; expect: unknown }[] = [
    {
      name: 'in order',
      given: [row('1', 10), row('2', 20), row('3', 30)],
      expect: [[10, 20, 30], []],
    },
    { name: 'omitted', given: [row('2', 20), row('3', 30)], expect: [[null, 20, 30], []] },
    {
      name: 'omitted as null',
      given: [row('1', 10), null, row('3', 30)],
      expect: [[10, null, 30], []],
    },
    {
      name: 'reordered',
      given: [row('3', 30), row('1', 10), row('2', 20)],
      expect: [[10, 20, 30], []],
    },
    {
      name: 'repeated',
      given: [row('1', 10), row('2', 20), row('2', 99), row('3', 30)],
      expect: [[10, null, 30], [`employees.1.salary: ${clash}`]],
    },
    {
      name: 'repeated three times',
      given: [row('1', 1), row('1', 2), row('1', 3)],
      expect: [[null, null, null], [`employees.0.salary: ${clash}`]],
    },
    {
      name: 'extra',
      given: [row('9', 90), row('1', 10), row('2', 20), row('3', 30)],
      expect: [[10, 20, 30], []],
    },
    {
      name: 'only wrong keys',
      given: [row('7', 1), row('8', 2), row('9', 3)],
      expect: [[null, null, null], []],
    },
    { name: 'keys as numbers', given: [row(2, 20), row(1, 10)], expect: [[10, 20, null], []] },
    {
      name: 'keys of the language',
      given: [row('__proto__', 1), row('constructor', 2)],
      expect: [[null, null, null], []],
    },
    { name: 'no list', given: null, expect: [[null, null, null], []] },
  ];
  it.each(cases)('$name', async ({ given, expect: wanted }) => {
    expect(await salaries(given)).toEqual(wanted);
  });

  const misfit = 'answer does not fit the schema';
  const failed: typeof cases = [
    {
      name: 'a row that does not say whose it is fails every key without an answer',
      given: [row('1', 10), { id: '2', salary: 20 }, row('3', 30)],
      expect: [[10, null, 30], [`employees.1.salary: ${misfit}`]],
    },
    {
      name: 'a row with a key of another shape',
      given: [row(['1'], 10), row('2', 20), row('3', 30)],
      expect: [[null, 20, 30], [`employees.0.salary: ${misfit}`]],
    },
    {
      name: 'one row instead of a list',
      given: row('1', 10),
      expect: [[null, null, null], [0, 1, 2].map((at) => `employees.${at}.salary: ${misfit}`)],
    },
  ];
  it.each(failed)('$name', async ({ given, expect: wanted }) => {
    expect(await salaries(given)).toEqual(wanted);
  });
});

describe('one object by key', () => {
  const things = buildSchema(
    'type Query { thing(id: ID!): Thing } type Thing { id: ID!, secret: String }',
  );
  const list = buildSchema(
    'type Query { all: [Thing], things(ids: [ID!]!): [Thing] } type Thing { id: ID! }',
  );
  const both = {
    Thing: {
      key: 'id',
      up: { field: 'thing', argument: 'id' },
      list: { field: 'things', argument: 'ids' },
    },
  };
  const listed = answering(() => ({
    data: {
      all: [
        { __typename: 'Thing', id: '1' },
        { __typename: 'Thing', id: '2' },
      ],
    },
  }));
  const wrong = { thing: () => ({ id: '2', secret: 'of 2' }) };
  const wanted = {
    data: { all: [{ secret: null }, { secret: 'of 2' }] },
    errors: ['all.0.secret: answered with another key'],
  };

  it('is refused where a GraphQL upstream gives somebody else', async () => {
    const served = answering((source, variableValues) =>
      graphql({ schema: things, source, rootValue: wrong, variableValues }),
    );
    const subgraphs = [toSubgraph('up', things, served), toSubgraph('list', list, listed)];
    const { schema } = composeSchema({ subgraphs, joins: both });
    expect(seen(await run(schema, '{ all { secret } }'))).toEqual(wanted);
  });

  it('is refused where an executor that rewrites no documents gives somebody else', async () => {
    const executor = (({ document, variables }) =>
      graphql({
        schema: things,
        source: print(document),
        rootValue: wrong,
        variableValues: variables,
      })) as Executor;
    const { schema } = composeSchema({
      subgraphs: [
        { name: 'up', kind: 'openapi', schema: things, executor },
        toSubgraph('list', list, listed),
      ],
      joins: both,
    });
    expect(seen(await run(schema, '{ all { secret } }'))).toEqual(wanted);
  });
});
