import type { Executor } from '@graphql-tools/utils';
import {
  buildSchema,
  GraphQLEnumType,
  GraphQLInputObjectType,
  GraphQLList,
  GraphQLObjectType,
  GraphQLSchema,
  getNullableType,
  graphql,
  isObjectType,
  parse,
  print,
  printSchema,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { composeSchema } from '../../gateway/delegate/stitch/stitch.ts';
import type { Transport } from '../../gateway/delegate/upstream.ts';
import { UpstreamFailure } from '../../gateway/errors.ts';
import { answering, newContext, run, seen, servedBy } from '../support/delegation.ts';
import {
  composeStaff,
  hris,
  joins,
  links,
  payroll,
  servedHris,
  servedPayroll,
  toSubgraph,
} from '../support/staff.ts';

describe('one graph over two upstreams', () => {
  it('joins rows, follows links and joins what they lead to', async () => {
    const staff = composeStaff();
    const result = await run(
      staff.schema,
      '{ employees { name salary manager { name salary } fg_accounts: accounts { iban } } }',
    );
    const boss = { name: 'Cy', salary: 3000 };
    expect(seen(result)).toEqual({
      data: {
        employees: [
          { name: 'Ada', salary: 1000, manager: boss, fg_accounts: [{ iban: 'IBAN-1' }] },
          { name: 'Bo', salary: 2000, manager: boss, fg_accounts: [{ iban: 'IBAN-2' }] },
          { name: 'Cy', salary: 3000, manager: null, fg_accounts: [{ iban: 'IBAN-3' }] },
        ],
      },
      errors: [],
    });
    // One request per upstream and level: the list, the managers; the pay of each of the two.
    expect(staff.hris.sent).toHaveLength(2);
    expect(staff.payroll.sent).toHaveLength(2);
  });

  it('gives each place its own copy of an object that several share', async () => {
    const twice = {
      employees: [
        { __typename: 'Employee', id: '1', managerId: '3' },
        { __typename: 'Employee', id: '1', managerId: '3' },
      ],
    };
    const real = servedHris();
    const served = answering(async (query, _variables, { context, ...request }) => {
      if (query.includes('employees')) return { data: twice };
      return JSON.parse((await real.send(request, context)).body);
    });
    const { schema } = composeStaff({ hris: served });
    const owned =
      'fg_a: accounts { fg_o: owner { fg_n: name fg_s: salary manager { fg_n: name } } }';
    const result = await run(schema, `{ employees { ${owned} manager { ${owned} } } }`);
    const ofCy = [{ fg_o: { fg_n: 'Cy', fg_s: 3000, manager: null } }];
    const ofAda = [{ fg_o: { fg_n: 'Ada', fg_s: 1000, manager: { fg_n: 'Cy' } } }];
    const employee = { fg_a: ofAda, manager: { fg_a: ofCy } };
    expect(seen(result)).toEqual({ data: { employees: [employee, employee] }, errors: [] });
  });

  it('reaches the first upstream from the second, through a nested object too', async () => {
    const { schema } = composeStaff();
    const source = '{ paidMost { name fg0_a: accounts { fg1_o: owner { name salary } } } total }';
    expect(seen(await run(schema, source))).toEqual({
      data: {
        paidMost: { name: 'Cy', fg0_a: [{ fg1_o: { name: 'Cy', salary: 3000 } }] },
        total: 6000,
      },
      errors: [],
    });
  });

  it('joins what a mutation gives', async () => {
    const { schema } = composeStaff();
    const source = 'mutation ($n: String!) { rename(id: "2", name: $n) { name salary } }';
    expect(seen(await run(schema, source, { variables: { n: 'Bea' } }))).toEqual({
      data: { rename: { name: 'Bea', salary: 2000 } },
      errors: [],
    });
  });

  it('carries arguments and variables to joined fields', async () => {
    const { schema } = composeStaff();
    const source =
      'query ($y: Int) { me { fg0_bonus: bonus(year: $y) fg1_bonus: bonus(year: 7) } }';
    expect(seen(await run(schema, source, { variables: { y: 1 } })).data).toEqual({
      me: { fg0_bonus: 11, fg1_bonus: 17 },
    });
  });

  it('batches a link whose target takes a list, and matches rows by key', async () => {
    const sdl = buildSchema(/* GraphQL */ `
      type Query { staff: [Person], people(ids: [ID!]!): [Person] }
      type Person { id: ID!, name: String, managerId: ID }
    `);
    const staff = ['1', '2', '3'].map((id) => ({
      id,
      name: `N${id}`,
      managerId: id === '3' ? '1' : '3',
    }));
    const served = servedBy(sdl, { staff, people: () => [staff[2], staff[0], staff[1]] });
    const { schema } = composeSchema({
      subgraphs: [toSubgraph('people', sdl, served)],
      links: {
        'Person.boss': {
          upstream: 'people',
          field: 'people',
          argument: 'ids',
          batch: true,
          from: 'managerId',
        },
      },
    });
    expect(seen(await run(schema, '{ staff { boss { name boss { name } } } }')).data).toEqual({
      staff: [
        { boss: { name: 'N3', boss: { name: 'N1' } } },
        { boss: { name: 'N3', boss: { name: 'N1' } } },
        { boss: { name: 'N1', boss: { name: 'N3' } } },
      ],
    });
    expect(served.sent).toHaveLength(3);
  });

  it('keeps working when fields lose their non-null in place', async () => {
    const { schema, joined } = composeStaff({
      payroll: answering(() => ({ data: null, errors: [{ message: 'down' }] })),
    });
    for (const coordinate of joined) {
      const [typeName = '', fieldName = ''] = coordinate.split('.');
      const type = schema.getType(typeName);
      const field = isObjectType(type) ? type.getFields()[fieldName] : undefined;
      if (field === undefined) throw new Error(`no ${coordinate}`);
      field.type = getNullableType(field.type);
    }
    expect(printSchema(schema)).toContain('salary: Float\n');
    expect(seen(await run(schema, '{ me { name salary manager { name salary } } }'))).toEqual({
      data: { me: { name: 'Ada', salary: null, manager: { name: 'Cy', salary: null } } },
      errors: ['me.manager.salary: reported an error', 'me.salary: reported an error'],
    });
  });

  it('says who owns which coordinate and what costs another call', () => {
    const { owners, joined } = composeStaff();
    expect(Object.fromEntries(owners)).toMatchObject({
      'Query.employees': 'hris',
      'Mutation.rename': 'hris',
      'Query.total': 'payroll',
      'Employee.id': 'hris',
      'Employee.name': 'hris',
      'Employee.salary': 'payroll',
      'Employee.manager': 'hris',
      'Account.iban': 'payroll',
    });
    expect([...joined].sort()).toEqual(
      ['accounts', 'bonus', 'displayName', 'manager', 'managerId', 'name', 'salary', 'status'].map(
        (field) => `Employee.${field}`,
      ),
    );
  });

  it('drops directives that upstreams decorate their schemas with', () => {
    const sdl = buildSchema(
      'directive @internal on FIELD_DEFINITION\n type Query { a: Int @internal, b: Int @deprecated(reason: "old") }',
    );
    const { schema } = composeSchema({
      subgraphs: [
        toSubgraph(
          'a',
          sdl,
          answering(() => ({})),
        ),
      ],
    });
    expect(schema.getDirective('internal')).toBeUndefined();
    expect(schema.getQueryType()?.getFields().b?.deprecationReason).toBe('old');
  });

  it('sends enum names where a subgraph has inner values for them', async () => {
    const values = { ON_LEAVE: { value: 'on-leave' } };
    const state = new GraphQLEnumType({ name: 'State', values });
    const filter = new GraphQLInputObjectType({
      name: 'Filter',
      fields: { any: { type: new GraphQLList(state) } },
    });
    const heard: unknown[] = [];
    const echo = {
      type: state,
      args: { state: { type: state, defaultValue: 'on-leave' }, filter: { type: filter } },
      resolve: (_source: unknown, args: { state?: string }) => {
        heard.push(JSON.stringify(args));
        return args.state;
      },
    };
    const inner = new GraphQLSchema({
      query: new GraphQLObjectType({ name: 'Query', fields: { echo } }),
    });
    const executor = (({ document, variables }) =>
      graphql({
        schema: inner,
        source: print(document),
        variableValues: variables,
      })) as Executor;
    const { schema } = composeSchema({
      subgraphs: [{ name: 'rest', kind: 'openapi', schema: inner, executor }],
    });
    const document = /* GraphQL */ `
      query ($s: State, $f: Filter, $d: State = ON_LEAVE) {
        echo(state: $s, filter: $f)
        fg0_e: echo(state: ON_LEAVE, filter: { any: [ON_LEAVE] })
        fg1_e: echo(state: $d)
        fg2_e: echo
      }
    `;
    const variables = { s: 'ON_LEAVE', f: { any: ['ON_LEAVE'] } };
    const [echoed, fg0_e, fg1_e, fg2_e] = Array(4).fill('ON_LEAVE');
    expect(seen(await run(schema, document, { variables }))).toEqual({
      data: { echo: echoed, fg0_e, fg1_e, fg2_e },
      errors: [],
    });
    const filtered = JSON.stringify({ state: 'on-leave', filter: { any: ['on-leave'] } });
    const plain = JSON.stringify({ state: 'on-leave' });
    expect(heard).toEqual([filtered, filtered, plain, plain]);
  });

  it('takes a key that is a number here and an ID there', async () => {
    const numbers = buildSchema(
      'type Query { all: [Thing], thing(id: Int!): Thing } type Thing { id: Int!, a: String }',
    );
    const texts = buildSchema(
      'type Query { things(ids: [ID!]!): [Thing], best: Thing } type Thing { id: ID!, b: String }',
    );
    const { schema } = composeSchema({
      subgraphs: [
        toSubgraph(
          'numbers',
          numbers,
          servedBy(numbers, {
            all: [{ id: 7, a: 'a7' }],
            thing: ({ id }: { id: number }) => ({ id, a: `a${id}` }),
          }),
        ),
        toSubgraph(
          'texts',
          texts,
          servedBy(texts, {
            best: { id: '9', b: 'b9' },
            things: ({ ids }: { ids: string[] }) => ids.map((id) => ({ id, b: `b${id}` })),
          }),
        ),
      ],
      joins: {
        Thing: {
          key: 'id',
          numbers: { field: 'thing', argument: 'id' },
          texts: { field: 'things', argument: 'ids', batch: true },
        },
      },
    });
    expect(seen(await run(schema, '{ all { id a b } best { id a b } }'))).toEqual({
      data: { all: [{ id: '7', a: 'a7', b: 'b7' }], best: { id: '9', a: 'a9', b: 'b9' } },
      errors: [],
    });
  });
});

describe('one upstream fails, the other answers', () => {
  const failing: Transport = async () => {
    throw new UpstreamFailure({ upstream: 'payroll', why: 'timeout', code: 'UPSTREAM_TIMEOUT' });
  };
  const served = (send: Transport) => ({ ...answering(() => ({})), send });
  const relaxed = (sdl: string) => buildSchema(sdl);

  it('puts null and the failure at each row that it cost', async () => {
    const nullable = relaxed(
      'type Query { employeesById(ids: [ID!]!): [Employee], total: Float } type Employee { id: ID!, salary: Float }',
    );
    const { schema } = composeSchema({
      subgraphs: [
        toSubgraph('hris', hris, servedHris()),
        toSubgraph('payroll', nullable, served(failing)),
      ],
      joins,
      links,
    });
    const result = await run(
      schema,
      '{ employees { name fg0_s: salary manager { salary } } total }',
    );
    expect(seen(result)).toEqual({
      data: {
        employees: [
          { name: 'Ada', fg0_s: null, manager: { salary: null } },
          { name: 'Bo', fg0_s: null, manager: { salary: null } },
          { name: 'Cy', fg0_s: null, manager: null },
        ],
        total: null,
      },
      errors: [
        'employees.0.fg0_s: timeout',
        'employees.0.manager.salary: timeout',
        'employees.1.fg0_s: timeout',
        'employees.1.manager.salary: timeout',
        'employees.2.fg0_s: timeout',
        'total: timeout',
      ],
    });
  });

  it('names the row that failed, not the first one of its batch', async () => {
    const nullable = relaxed(
      'type Query { employeesById(ids: [ID!]!): [Employee] } type Employee { id: ID!, salary: Float, accounts: [Account!] } type Account { iban: String }',
    );
    const payrollServed = answering((_query, variables) => ({
      data: {
        employeesById: (variables.ids as string[]).map((id) => ({
          _fgKey: id,
          id,
          salary: id === '2' ? null : 1,
          accounts: [{ iban: 'A' }, { iban: id === '3' ? null : 'B' }],
        })),
      },
      errors: [
        { message: 'ORA-1', path: ['employeesById', 1, 'salary'] },
        { message: 'ORA-2', path: ['employeesById', 2, 'accounts', 1, 'iban'] },
      ],
    }));
    const { schema } = composeSchema({
      subgraphs: [
        toSubgraph('hris', hris, servedHris()),
        toSubgraph('payroll', nullable, payrollServed),
      ],
      joins,
    });
    const result = await run(schema, '{ employees { salary accounts { iban } } }');
    expect(seen(result).errors).toEqual([
      'employees.1.salary: reported an error',
      'employees.2.accounts.1.iban: reported an error',
    ]);
  });

  it('names every place of an object that several share', async () => {
    const nullable = relaxed(
      'type Query { employeesById(ids: [ID!]!): [Employee] } type Employee { id: ID!, accounts: [Account] } type Account { iban: String, owner: Employee }',
    );
    const rows = (ids: string[]) =>
      ids.map((id) => ({
        _fgKey: id,
        id,
        fg_a: [
          { iban: null, fg_o: { __typename: 'Employee', id } },
          { iban: id, fg_o: null },
        ],
      }));
    const payrollServed = answering((_query, { ids }) => ({
      data: { employeesById: rows(ids as string[]) },
      errors: (ids as string[]).map((_id, at) => ({
        path: ['employeesById', at, 'fg_a', 0, 'iban'],
      })),
    }));
    const { schema } = composeSchema({
      subgraphs: [
        toSubgraph('hris', hris, servedHris()),
        toSubgraph('payroll', nullable, payrollServed),
      ],
      joins,
      links,
    });
    const source =
      '{ employees { manager { fg_a: accounts { iban fg_o: owner { fg_n: name } } } } }';
    const manager = {
      fg_a: [
        { iban: null, fg_o: { fg_n: 'Cy' } },
        { iban: '3', fg_o: null },
      ],
    };
    expect(seen(await run(schema, source))).toEqual({
      data: { employees: [{ manager }, { manager }, { manager: null }] },
      errors: [0, 1].map((at) => `employees.${at}.manager.fg_a.0.iban: reported an error`),
    });
  });

  it('names every place below rows that several share', async () => {
    const homes = relaxed(
      'type Query { employees: [Employee], employee(id: ID!): Employee } type Employee { id: ID!, homes: [Home] } type Home { street: String, note: String }',
    );
    const owned = relaxed(
      'type Query { employeesById(ids: [ID!]!): [Employee] } type Employee { id: ID!, boss: Employee }',
    );
    const street = (): never => {
      throw new Error('ORA-1');
    };
    const served = servedBy(homes, {
      employees: [{ id: '1' }, { id: '1' }],
      employee: { id: '2', homes: [{ street, note: 'n' }] },
    });
    const bosses = servedBy(owned, { employeesById: [{ id: '1', boss: { id: '2' } }] });
    const { schema } = composeSchema({
      subgraphs: [toSubgraph('hris', homes, served), toSubgraph('payroll', owned, bosses)],
      joins,
    });
    const boss = { homes: [{ street: null, note: 'n' }] };
    expect(seen(await run(schema, '{ employees { boss { homes { street note } } } }'))).toEqual({
      data: { employees: [{ boss }, { boss }] },
      errors: [0, 1].map((at) => `employees.${at}.boss.homes.0.street: reported an error`),
    });
  });

  it('keeps other delegations of the same request', async () => {
    const { schema } = composeStaff({
      payroll: answering((query) =>
        query.includes('_v0_total')
          ? {
              data: { _v0_total: 5, _v1_paidMost: null },
              errors: [{ message: 'x', path: ['_v1_paidMost'] }],
            }
          : { data: {} },
      ),
    });
    expect(seen(await run(schema, '{ total paidMost { id } }'))).toEqual({
      data: { total: 5, paidMost: null },
      errors: ['paidMost: reported an error'],
    });
  });

  it('turns a fault of an executor into an error at its fields, not into a crash', async () => {
    const { schema } = composeSchema({
      subgraphs: [
        toSubgraph('hris', hris, servedHris()),
        {
          ...toSubgraph('payroll', payroll, servedPayroll()),
          executor: () => {
            throw new Error('a fault of ours');
          },
        },
      ],
      joins,
    });
    const { data, errors } = seen(await run(schema, '{ me { name } total }'));
    expect(data).toEqual({ me: { name: 'Ada' }, total: null });
    expect(errors).toEqual(["total: not an upstream's: a fault of ours"]);
  });

  it('keeps failures where stitching renames fields that differ in nullability', async () => {
    const sdl = buildSchema(/* GraphQL */ `
      type Query { pets: [Pet] }
      union Pet = Cat | Dog
      type Cat { name: String }
      type Dog { name: String! }
    `);
    const pets = [
      { __typename: 'Cat', _nullable_name: null, name: null },
      { __typename: 'Dog', _nonNullable_name: 'Rex', name: 'Rex' },
    ];
    const errors = [{ message: 'SECRET', path: ['pets', 0, 'name'] }];
    const { schema } = composeSchema({
      subgraphs: [
        toSubgraph(
          'pets',
          sdl,
          answering(() => ({ data: { pets }, errors })),
        ),
      ],
    });
    const result = await run(schema, '{ pets { ... on Cat { name } ... on Dog { name } } }');
    expect(result.errors?.length).toBe(1);
    expect(JSON.stringify(result)).not.toContain('SECRET');
    expect(seen(result)).toEqual({
      data: { pets: [{ name: null }, { name: 'Rex' }] },
      errors: ['pets.0.name: reported an error'],
    });
  });
});

describe('callers stay apart', () => {
  it('never shares a request or an answer between two concurrent callers', async () => {
    const answer = (query: string, variables: Record<string, unknown>, who: string) =>
      query.includes('employeesById')
        ? {
            employeesById: (variables.ids as string[]).map((id) => ({
              _fgKey: id,
              id,
              salary: who === 'alice' ? 1 : 2,
            })),
          }
        : { me: { id: '1', __typename: 'Employee', name: who } };
    const tell = () =>
      answering((query, variables, { context }) => ({
        data: answer(query, variables, context.inboundHeaders.who ?? ''),
      }));
    const staff = composeStaff({ hris: tell(), payroll: tell() });
    const document = parse('{ me { name salary } }');
    const rootValue = {};
    const results = await Promise.all(
      ['alice', 'bob', 'alice', 'bob'].map((who) =>
        run(staff.schema, document, {
          context: newContext({ inboundHeaders: { who } }),
          rootValue,
        }),
      ),
    );
    expect(results.map((result) => seen(result).data)).toEqual(
      [1, 2, 1, 2].map((salary) => ({ me: { name: salary === 1 ? 'alice' : 'bob', salary } })),
    );
    expect(staff.hris.sent).toHaveLength(4);
    expect(staff.payroll.sent).toHaveLength(4);
  });
});
