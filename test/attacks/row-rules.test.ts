/**
 * Rules that look at the object: everything by which somebody could be taken for the one whose data
 * it is, or could get at what is kept back beside it.
 */
import { describe, expect, it } from 'vitest';
import type { Decide } from '../../gateway/authorize/decide.ts';
import { testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

const people = /* GraphQL */ `
  type Query { employees: [Employee!]! employee(id: ID!): Employee grid: [[Employee!]!]! found(limit: Int): [Found!]! persons: [Person!]! }
  interface Person { id: ID! name: String }
  type Employee implements Person { id: ID! name: String managerId: ID tenantId: ID reports: [Employee!]! }
  type Robot implements Person { id: ID! name: String tenantId: ID }
  union Found = Employee | Robot
`;
const pay = /* GraphQL */ `
  type Query { employeesById(ids: [ID!]!): [Employee]! }
  type Employee { id: ID! salary: Float! iban: String accounts: [Account!]! level: Int }
  type Account { bank: String! owner: Employee }
`;

interface Row {
  __typename: string;
  id: string;
  name: string;
  managerId: string | null;
  tenantId: string | null;
  reports: () => Row[];
}
const row = (id: string, about: Partial<Row> = {}): Row => ({
  __typename: 'Employee',
  id,
  name: `name-${id}`,
  managerId: '9',
  tenantId: 'a',
  reports: () => [],
  ...about,
});
const ada = row('1');
const bo = row('2', { managerId: null, tenantId: 'b' });
const cy = row('3', { managerId: '', tenantId: null, reports: () => [ada, bo] });
const all = [ada, bo, cy];
const robot = { __typename: 'Robot', id: '1', name: 'R', tenantId: 'a' };
const payOf = (id: string): Record<string, unknown> => ({
  id,
  salary: Number(id) * 1000,
  iban: `DE00-0000-${id}${id}${id}${id}`,
  accounts: [{ bank: `bank-${id}`, owner: () => payOf(id) }],
  level: Number(id),
});

const rules = `
version: 1
rules:
  - { name: open, fields: { Query: ["*"], Person: [id, name], Employee: [id, name, reports], Account: [owner] }, allow: everyone }
  - name: pay
    class: pay
    fields: { Employee: [salary, accounts] }
    allow:
      any:
        - scopes: [payroll]
        - when: object.id == claims.employee_id
        - all: [{ roles: [manager] }, { when: object.managerId == claims.employee_id }]
  - name: numbers
    class: banking
    fields: { Employee: [iban] }
    allow: { when: object.id == claims.employee_id }
    otherwise: [{ mask: last4, allow: { when: object.managerId == claims.employee_id } }, deny]
  - { name: banks, fields: { Account: [bank] }, allow: { any: [{ scopes: [payroll] }, { when: parent.id == claims.employee_id }] } }
`;
const joins = {
  Employee: {
    key: 'id',
    people: { field: 'employee', argument: 'id' },
    pay: { field: 'employeesById', argument: 'ids', batch: true },
  },
};

function open(
  about: {
    rules?: string;
    pay?: (id: string) => unknown;
    /** Changes the payroll's answer on the wire. */
    raw?: (text: string) => string;
    decide?: Decide;
    rates?: string;
  } = {},
) {
  const payroll = played(
    pay,
    { employeesById: ({ ids }: { ids: string[] }) => ids.map(about.pay ?? payOf) },
    { lenient: true },
  );
  return testGateway({
    upstreams: {
      people: played(people, {
        employees: all,
        employee: ({ id }: { id: string }) => all.find((one) => one.id === id),
        grid: [[ada, bo], [cy]],
        found: [ada, robot, bo],
        persons: [ada, robot],
      }),
      pay: {
        ...payroll,
        answer: async (request) => {
          const answer = JSON.stringify(await payroll.answer(request));
          return JSON.parse(about.raw?.(answer) ?? answer);
        },
      },
    },
    joins,
    ...(about.decide && { decide: about.decide }),
    ...(about.rates !== undefined && { rates: about.rates }),
    rules: about.rules ?? rules,
    limits: { cost: 1_000_000 },
  });
}
const gateway = await open();
const me = { claims: { employee_id: '1' } };
const boss = { claims: { employee_id: '9' }, roles: ['manager'] };

describe('whose data it is', () => {
  it('is for the one whose it is, and refused beside it', async () => {
    const { body } = await gateway.query('{ employees { name salary } }', { as: me });
    expect(body.data).toEqual({
      employees: [
        { name: 'name-1', salary: 1000 },
        { name: 'name-2', salary: null },
        { name: 'name-3', salary: null },
      ],
    });
    expect(body.errors?.map(({ path, extensions }) => [path, extensions])).toEqual([
      [['employees', 1, 'salary'], { code: 'FORBIDDEN', coordinate: 'Employee.salary' }],
      [['employees', 2, 'salary'], { code: 'FORBIDDEN', coordinate: 'Employee.salary' }],
    ]);
  });

  it('is read of the object above for the rule alone, whatever the caller calls what they ask of it', async () => {
    const above = await open({
      rules: rules
        .replace('parent.id == claims.employee_id', 'parent.level == claims.level')
        .replace('Employee: [id, name, reports]', 'Employee: [id, name, reports, level]')
        .replace('scopes: [payroll]', 'scopes: [seen]'),
    });
    const as = { claims: { level: 2 }, scopes: ['seen'] };
    for (const more of ['', 'level', 'level: id', 'fgw_level: id']) {
      const { body } = await above.query(`{ employees { ${more} accounts { bank } } }`, { as });
      const { employees } = body.data as { employees: { accounts: unknown }[] };
      const banks = [null, 'bank-2', null].map((bank) => [{ bank }]);
      expect(employees.map(({ accounts }) => accounts)).toEqual(banks);
    }
  });

  it("is nobody's where neither the object nor the token says whose", async () => {
    for (const claims of [{}, { employee_id: null }, { employee_id: '' }, { employee_id: [] }]) {
      const { body } = await gateway.query('{ employees { salary iban } }', {
        as: { claims, roles: ['manager'] },
      });
      const nothing = { salary: null, iban: null };
      expect(body.data).toEqual({ employees: [nothing, nothing, nothing] });
    }
  });

  it('is not what another type of value looks like', async () => {
    for (const employee_id of [1, true, ['1'], { id: '1' }, '1 ', '01']) {
      const { body } = await gateway.query('{ employee(id: "1") { salary } }', {
        as: { claims: { employee_id } },
      });
      expect(body.data).toEqual({ employee: { salary: null } });
    }
  });

  it('is read from the field itself, whatever is named like it', async () => {
    const spoofs = [
      '{ employees { id: name managerId: name salary } }',
      '{ employees { fgw_id: name fg_id: name w_id: name salary } }',
      '{ employees { id: salary } }',
      '{ employees { ...F } } fragment F on Employee { id: name ... on Person { salary: name } ... { pay: salary } }',
    ];
    for (const query of spoofs) {
      const { text } = await gateway.query(query, { as: { claims: { employee_id: 'name-2' } } });
      expect(text).not.toMatch(/[123]000/);
    }
  });

  it('is the same decision through interfaces, unions, lists of lists and fragments', async () => {
    const query = `{
      grid { salary }
      found { __typename ... on Employee { salary } }
      persons { ... on Employee { a: salary } }
      employees { reports { salary } }
      employee(id: "2") { b: salary }
    }`;
    const { body } = await gateway.query(query, { as: me });
    expect(body.data).toEqual({
      grid: [[{ salary: 1000 }, { salary: null }], [{ salary: null }]],
      found: [
        { __typename: 'Employee', salary: 1000 },
        { __typename: 'Robot' },
        { __typename: 'Employee', salary: null },
      ],
      persons: [{ a: 1000 }, {}],
      employees: [
        { reports: [] },
        { reports: [] },
        { reports: [{ salary: 1000 }, { salary: null }] },
      ],
      employee: { b: null },
    });
  });

  it('is decided by what stands above, too', async () => {
    const query = '{ employees { accounts { bank owner { id accounts { bank } } } } }';
    const { body } = await gateway.query(query, { as: me });
    const account = { bank: 'bank-1', owner: { id: '1', accounts: [{ bank: 'bank-1' }] } };
    expect(body.data).toEqual({
      employees: [{ accounts: [account] }, { accounts: null }, { accounts: null }],
    });
    const payroll = await gateway.query(query, { as: { scopes: ['payroll'] } });
    expect(payroll.body.errors).toBeUndefined();
    const manager = await gateway.query(query, { as: boss });
    // The accounts are a manager's to see, the banks in them are not.
    expect(manager.body.data?.employees).toEqual([
      { accounts: [{ bank: null, owner: { id: '1', accounts: [{ bank: null }] } }] },
      { accounts: null },
      { accounts: null },
    ]);
  });

  it('is whole, masked or refused, object by object', async () => {
    const query = '{ employees { iban } }';
    const { body } = await gateway.query(query, { as: { claims: { employee_id: '9' } } });
    expect(body.data).toEqual({
      employees: [{ iban: '••••••••••1111' }, { iban: null }, { iban: null }],
    });
    expect(body.extensions).toEqual({ masked: ['Employee.iban'] });
    const whole = await gateway.query(query, { as: me });
    expect(whole.body.extensions).toBeUndefined();
    expect(whole.body.data?.employees).toEqual([
      { iban: 'DE00-0000-1111' },
      { iban: null },
      { iban: null },
    ]);
  });

  it('leaves with nothing that was read for the rule', async () => {
    const { text } = await gateway.query('{ employees { salary } }', { as: boss });
    expect(text).not.toContain('managerId');
    expect(text).not.toContain('fgw');
    expect(JSON.parse(text).data).toEqual({
      employees: [{ salary: 1000 }, { salary: null }, { salary: null }],
    });
    const record = gateway.records.at(-1);
    expect(record?.delivered).toMatchObject([{ coordinate: 'Employee.salary', count: 1 }]);
    expect(record?.denials).toMatchObject([{ coordinate: 'Employee.salary', rule: 'pay' }]);
    expect(record?.verdicts?.denied).toEqual(['Employee.salary']);
  });

  it('is not asked for where no object could grant it', async () => {
    const before = gateway.requests.length;
    await gateway.query('{ employees { iban name } }', {});
    const sent = gateway.requests
      .slice(before)
      .map(({ query }) => query)
      .join('\n');
    expect(sent).not.toContain('tenantId');
    const closed = await open({
      rules: rules
        .replace(
          '{ when: object.id == claims.employee_id }\n    otherwise',
          '{ all: [{ scopes: [x] }, { when: object.id == claims.employee_id }] }\n    otherwise',
        )
        .replace(
          /allow: \{ when: object.managerId == claims.employee_id \} \}, deny/,
          'allow: { scopes: [x] } }, deny',
        ),
    });
    const { body } = await closed.query('{ employees { iban name } }', { as: me });
    expect(body.data?.employees).toEqual(all.map(({ name }) => ({ iban: null, name })));
    expect(closed.requests.map(({ query }) => query).join('\n')).not.toContain('iban');
  });

  it('is not asked for where the claim that decides is not there, or says nothing', async () => {
    for (const claims of [{}, { employee_id: null }, { employee_id: '' }, { employee_id: {} }]) {
      const before = gateway.requests.length;
      const { body } = await gateway.query('{ employees { name salary iban } }', {
        as: { claims, roles: ['manager'] },
      });
      expect(body.data?.employees).toEqual(
        all.map(({ name }) => ({ name, salary: null, iban: null })),
      );
      expect(gateway.requests.slice(before).map(({ upstream }) => upstream)).toEqual(['people']);
    }
  });

  it('is asked for again by who has the claim, whoever came before', async () => {
    const query = '{ a: employees { salary } }';
    await gateway.query(query, {});
    await gateway.query(query, {});
    const { body } = await gateway.query(query, { as: me });
    expect(body.data).toEqual({ a: [{ salary: 1000 }, { salary: null }, { salary: null }] });
  });

  it('is decided for each caller, whoever warmed the caches', async () => {
    const query = '{ employees { salary } }';
    const callers = ['1', '2', '3', '1', '2', 'x'].map((id) => ({ claims: { employee_id: id } }));
    for (const as of callers) {
      const { body } = await gateway.query(query, { as });
      const seen = ((body.data?.employees ?? []) as { salary: unknown }[]).map(
        ({ salary }) => salary,
      );
      const id = as.claims.employee_id;
      expect(seen).toEqual(['1', '2', '3'].map((one) => (one === id ? Number(id) * 1000 : null)));
    }
  });
});

describe('the second lock', () => {
  it('lets nothing through that a plan lets through without asking the object', async () => {
    const query = '{ employees { name salary } employee(id: "1") { iban } }';
    const blind: Decide = ({ grants: [first] }) => {
      if (first === undefined) throw new Error('no rule grants it');
      return { kind: 'allow', rule: first.rule };
    };
    const unlocked = await open({ decide: blind });
    const { body, text } = await unlocked.query(query, { as: me });
    expect(text).not.toMatch(/[123]000|DE00/);
    expect(body.errors?.some(({ extensions }) => extensions.code === 'FORBIDDEN')).toBe(true);
  });

  it('is of one mind with the first where somebody has it whatever the object is', async () => {
    const always = `${rules}
  - { name: apart, types: [Employee], require: { any: [{ scopes: [payroll] }, { when: object.tenantId == claims.t }] } }
`;
    const { body } = await (await open({ rules: always })).query('{ employees { salary } }', {
      as: { scopes: ['payroll'] },
    });
    expect(body).toEqual({
      data: { employees: [{ salary: 1000 }, { salary: 2000 }, { salary: 3000 }] },
    });
  });
});

describe('what is hidden from some', () => {
  it('is refused where arguments decide, for those who see it', async () => {
    const hiding = await open({
      rules: `${rules}
  - { name: hidden, fields: { Query: [found] }, allow: { scopes: [found] }, otherwise: [hide] }
  - { name: small, fields: { Query: [found] }, require: { when: args.limit <= 5 } }
`,
    });
    const as = { scopes: ['found'] };
    const many = await hiding.query('{ found(limit: 6) { __typename } }', { as });
    expect(many.body.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
    const few = await hiding.query('{ found(limit: 5) { __typename } }', { as });
    expect(few.body.errors).toBeUndefined();
    const none = await hiding.query('{ found(limit: 5) { __typename } }', { as: me });
    expect(none.body.errors?.map(({ extensions }) => extensions.code)).toEqual([
      'GRAPHQL_VALIDATION_FAILED',
    ]);
  });
});

describe('upstreams that do not say what a rule looks at', () => {
  const query = '{ employees { salary iban name } }';
  const refused = [
    { salary: null, iban: null, name: 'name-1' },
    { salary: null, iban: null, name: 'name-2' },
    { salary: null, iban: null, name: 'name-3' },
  ];
  const payLooked = rules
    .replaceAll('object.id == claims.employee_id', 'object.level == claims.level')
    .replaceAll('parent.id == claims.employee_id', 'parent.level == claims.level');
  const wrong: { name: string; level: unknown }[] = [
    { name: 'nothing', level: undefined },
    { name: 'null', level: null },
    { name: 'text', level: '1' },
    { name: 'a list', level: [1] },
    { name: 'an object', level: { valueOf: 1 } },
    { name: 'a fraction', level: 1.5 },
    { name: 'a number too large', level: 2 ** 40 },
  ];
  it.each(wrong)('leave it refused: $name', async ({ level }) => {
    // `null` is what an upstream may say; everything else is its fault, and is not told.
    const lying = await open({
      rules: payLooked,
      pay: (id) => ({ ...payOf(id), level: null }),
      raw: (text) =>
        text.replaceAll(
          '"fgw_level":null',
          level === undefined ? '"x":1' : `"fgw_level":${JSON.stringify(level)}`,
        ),
    });
    for (const claim of [1, null, '1', [1], 1.5, 2 ** 40]) {
      const as = { claims: { level: claim }, roles: ['manager'] };
      const { body } = await lying.query(query, { as });
      expect(body.data).toEqual({ employees: refused });
      expect(body.errors?.map(({ extensions }) => extensions.code)).toEqual(
        Array(6).fill('FORBIDDEN'),
      );
      // Whoever runs the gateway is told why nobody gets it; without the claim nothing was asked for.
      const { failures = [] } = lying.records.at(-1) ?? {};
      expect(failures.length > 0).toBe(level !== null && claim !== null);
      expect(failures.every((why) => why.startsWith('upstream pay: '))).toBe(true);
    }
  });

  it('leave it refused where the whole join fails, and it is not told which', async () => {
    const failing = await open({
      rules: payLooked,
      pay: () => {
        throw new Error('down');
      },
    });
    const { body } = await failing.query(query, { as: { claims: { level: 1 } } });
    expect(body.data).toEqual({ employees: refused });
    const codes = body.errors?.map(({ extensions }) => extensions.code);
    expect(new Set(codes)).toEqual(new Set(['FORBIDDEN']));
    expect(failing.records.at(-1)?.failures).toEqual(['upstream pay: reported an error']);
    const granted = await failing.query(query, {
      as: { scopes: ['payroll'], claims: { level: 1 } },
    });
    const told = granted.body.errors?.map(({ extensions, path }) => [
      extensions.code,
      path?.at(-1),
    ]);
    expect(told?.filter(([code]) => code === 'UPSTREAM_FAILED').map(([, at]) => at)).toEqual([
      'salary',
      'salary',
      'salary',
    ]);
  });

  it('change nothing by keys of a prototype', async () => {
    const hostile = '"__proto__":{"fgw_level":1,"level":1,"fgw_id":"1"},"constructor":{"level":1}';
    const lying = await open({
      rules: payLooked,
      pay: (id) => ({ ...payOf(id), level: null }),
      raw: (text) => text.replaceAll('"fgw_level":null', hostile),
    });
    const { body } = await lying.query(query, { as: { claims: { level: 1 } } });
    expect(body.data).toEqual({ employees: refused });
  });

  it('are not told of a failure that would say that there is a value', async () => {
    const failing = await open({ pay: (id) => ({ ...payOf(id), salary: 'no number' }) });
    const { body } = await failing.query('{ employees { salary } }', { as: me });
    expect(body.data).toEqual({
      employees: [{ salary: null }, { salary: null }, { salary: null }],
    });
    const told = body.errors?.map(({ path, extensions }) => [path?.[1], extensions.code]).sort();
    expect(told).toEqual([
      [0, 'UPSTREAM_FAILED'],
      [1, 'FORBIDDEN'],
      [2, 'FORBIDDEN'],
    ]);
  });
});

describe('a filter on what objects grant', () => {
  const sdl = /* GraphQL */ `
    type Query { staff(ssn: String, currency: String, salaryMin: Int, where: Where): [Staff!]! }
    input Where { ssn: String }
    type Staff { id: ID! ssn: String salary(currency: String): Int }
  `;
  const filtered = (more = '') =>
    testGateway({
      upstreams: { hr: played(sdl, { staff: [{ id: '1', ssn: '1', salary: 1 }] }) },
      rules: `
version: 1
rules:
  - { name: open, fields: { Query: [staff], Staff: [id] }, allow: everyone }
  - { name: ids, class: x, fields: { Staff: [ssn] }, allow: { any: [{ scopes: [ssn] }, { when: object.id == claims.me }] } }
  - { name: pay, class: y, fields: { Staff: [salary] }, allow: { any: [{ scopes: [pay] }, { when: args.currency == "EUR" }] } }
${more}`,
    });
  const filters = [
    '{ staff(ssn: "1") { id } }',
    '{ staff(where: { ssn: "1" }) { id } }',
    '{ staff(salaryMin: 1, currency: "EUR") { id } }',
  ];
  it.each(filters)('is not open by them: %s', async (query) => {
    const gateway = await filtered();
    const { body } = await gateway.query(query, { as: { claims: { me: '1' } } });
    expect(body.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
    expect(gateway.requests).toEqual([]);
    const own = await gateway.query('{ staff { ssn salary(currency: "EUR") } }', {
      as: { claims: { me: '1' } },
    });
    expect(own.body).toEqual({ data: { staff: [{ ssn: '1', salary: 1 }] } });
    const granted = await gateway.query(query, { as: { scopes: ['ssn', 'pay'] } });
    expect(granted.body).toEqual({ data: { staff: [{ id: '1' }] } });
  });

  it("is nobody's where each object must meet a condition", async () => {
    const gateway = await filtered(
      '  - { name: apart, types: [Staff], require: { when: object.id == claims.me } }',
    );
    for (const query of filters) {
      const as = { scopes: ['ssn', 'pay'], claims: { me: '1' } };
      const { body } = await gateway.query(query, { as });
      expect(body.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
    }
    expect(gateway.requests).toEqual([]);
  });
});

describe('what is kept back', () => {
  it('is charged to no budget of records', async () => {
    const budgeted = await open({
      rates:
        'version: 1\nrates: [{ name: one, class: pay, per: caller, counts: records, limit: 1, window: 1h }]',
      rules: rules.replace('[salary, accounts]', '[salary]'),
    });
    const third = { claims: { employee_id: '3' } };
    const { body } = await budgeted.query('{ employees { salary } }', { as: third });
    expect(body.data?.employees).toEqual([{ salary: null }, { salary: null }, { salary: 3000 }]);
    const again = await budgeted.query('{ employee(id: "1") { salary } }', { as: third });
    expect(again.status).toBe(429);
  });

  it.each([
    { name: 'all rows fail', fails: ['1', '2', '3'] },
    { name: 'the one that stays fails', fails: ['2'] },
  ])('moves no failure to another row, and tells of none of its own: $name', async ({ fails }) => {
    const failing = await open({
      rules: `${rules}
  - { name: apart, types: [Employee], require: { when: object.tenantId in claims.tenants }, otherwise: [drop] }
`,
      pay: (id) => ({ ...payOf(id), ...(fails.includes(id) && { salary: 'no number' }) }),
    });
    const as = { scopes: ['payroll'], claims: { tenants: ['b'] } };
    const { body } = await failing.query('{ employees { id salary } grid { salary } }', { as });
    expect(body.data).toEqual({
      employees: [{ id: '2', salary: null }],
      grid: [[{ salary: null }], []],
    });
    expect(body.errors?.map(({ path }) => path)).toEqual([
      ['employees', 0, 'salary'],
      ['grid', 0, 0, 'salary'],
    ]);
  });

  it('tells of no failure in a row that is refused', async () => {
    const failing = await open({
      rules: `${rules}
  - { name: apart, types: [Employee], require: { when: object.tenantId in claims.tenants } }
`,
      pay: (id) => ({ ...payOf(id), salary: 'no number' }),
    });
    const as = { scopes: ['payroll'], claims: { tenants: ['b'] } };
    const { body } = await failing.query('{ employees { salary } }', { as });
    expect(body.data).toEqual({ employees: [null, { salary: null }, null] });
    const told = body.errors?.map(
      ({ path, extensions }) => `${path?.join('.')} ${extensions.code}`,
    );
    expect(told?.toSorted()).toEqual([
      'employees.0 FORBIDDEN',
      'employees.1.salary UPSTREAM_FAILED',
      'employees.2 FORBIDDEN',
    ]);
  });
});

describe('what stands before it in the answer', () => {
  it('does not decide for an object', async () => {
    const as = { claims: { employee_id: '2' } };
    const { body } = await gateway.query('{ employees { reports { salary } salary } }', { as });
    const reports = [{ salary: null }, { salary: 2000 }];
    expect(body.data).toEqual({
      employees: [
        { reports: [], salary: null },
        { reports: [], salary: 2000 },
        { reports, salary: null },
      ],
    });
  });

  it('does not tell of a failure in what is refused, where rows were dropped', async () => {
    const failing = await testGateway({
      upstreams: {
        people: {
          sdl: `
            type Query { office: Office }
            type Office { robots: [Robot!] staff: [Employee!] }
            type Robot { id: ID! tenantId: ID }
            type Employee { id: ID! name: String }`,
          answer: () => ({
            data: {
              office: {
                robots: ['b', 'a'].map((tenant, at) => ({ id: `${at}`, fgw_tenantId: tenant })),
                staff: [{ fgw_id: '1', name: null }],
              },
            },
            errors: [{ message: 'no', path: ['office', 'staff', 0, 'name'] }],
          }),
        },
      },
      rules: `
version: 1
rules:
  - { name: open, fields: { Query: ["*"], Office: ["*"], Robot: [id], Employee: [id] }, allow: everyone }
  - { name: names, fields: { Employee: [name] }, allow: { when: object.id == claims.me } }
  - { name: apart, types: [Robot], require: { when: object.tenantId == claims.tenant }, otherwise: [drop] }
`,
    });
    const as = { claims: { tenant: 'a', me: '7' } };
    const { body } = await failing.query('{ office { robots { id } staff { name } } }', { as });
    expect(body.data).toEqual({ office: { robots: [{ id: '1' }], staff: [{ name: null }] } });
    expect(body.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
  });
});

it('a failure in what a rule looks at is told at the row that it took', async () => {
  for (const engine of ['compiled', 'reference'] as const) {
    const failing = await testGateway({
      engine,
      upstreams: {
        people: {
          sdl: 'type Query { staff: [Employee] } type Employee { id: ID! name: String }',
          answer: () => ({
            data: {
              staff: [
                { fgw_id: '1', name: 'a' },
                { fgw_id: '7', name: 'b' },
              ],
            },
            errors: [{ message: 'no', path: ['staff', 0, 'fgw_id'] }],
          }),
        },
      },
      rules: `
version: 1
rules:
  - { name: open, fields: { Query: ["*"] }, allow: everyone }
  - { name: names, fields: { Employee: [name] }, allow: { when: object.id == claims.me } }
`,
    });
    const { body } = await failing.query('{ staff { name } }', { as: { claims: { me: '7' } } });
    expect(body.data).toEqual({ staff: [null, { name: 'b' }] });
    expect(body.errors?.map(({ path }) => path)).toEqual([['staff', 0]]);
  }
});

describe('very many rows', () => {
  it('are as many decisions, and a bounded number of errors', async () => {
    const rows = Array.from({ length: 10_000 }, (_, index) => row(String(index)));
    const wide = await testGateway({
      upstreams: { people: played(people, { employees: rows }) },
      rules: `
version: 1
rules:
  - { name: open, fields: { Query: [employees], Employee: [id] }, allow: everyone }
  - { name: names, fields: { Employee: [name] }, allow: { when: object.id in claims.mine } }
`,
      limits: { cost: 1e9, listSize: 1e6 },
    });
    const mine = Array.from({ length: 500 }, (_, index) => String(index * 20));
    const { body } = await wide.query('{ employees { name } }', { as: { claims: { mine } } });
    const names = (body.data?.employees ?? []) as { name: string | null }[];
    expect(names.filter(({ name }) => name !== null)).toHaveLength(500);
    expect(body.errors).toHaveLength(101);
    expect(body.errors?.at(-1)?.extensions).toEqual({ code: 'FORBIDDEN', omitted: 9_400 });
  });
});

const apart = (otherwise: string) => `${rules}
  - { name: apart, types: [Employee, Robot], require: { when: object.tenantId == claims.tenant }${otherwise} }
`;

it('is in no record what a rule has looked at', async () => {
  const secret = row('7', { tenantId: 'tenant-7', managerId: 'manager-7' });
  const looked = await testGateway({
    upstreams: { people: played(people, { employees: [secret, ada] }) },
    rules: `
version: 1
rules:
  - { name: open, fields: { Query: [employees], Employee: [id] }, allow: everyone }
  - { name: names, class: x, fields: { Employee: [name] }, allow: { when: object.managerId == claims.me } }
  - { name: apart, types: [Employee], require: { when: object.tenantId in claims.tenants } }
`,
    subjects: new Map([['Employee', { type: 'Employee', field: 'id' }]]),
  });
  for (const tenants of [['tenant-7'], ['a'], ['tenant-7', 'a']]) {
    const as = { claims: { tenants, me: 'manager-7' } };
    const { text } = await looked.query('{ employees { name } }', { as });
    const { caller: _, ...record } = looked.records.at(-1) ?? {};
    expect(text + JSON.stringify(record)).not.toMatch(/tenant-7|manager-7/);
  }
  expect(looked.records.at(-1)?.delivered).toMatchObject([{ rule: 'names', count: 1 }]);
});

describe('tenants', () => {
  const as = { scopes: ['payroll'], claims: { tenant: 'a' } };
  const query = `{
    employees { id salary } grid { id } found { __typename ... on Person { id } }
    employee(id: "2") { id } persons { id }
  }`;

  it('get null and an error for what is not theirs', async () => {
    const denying = await open({ rules: apart('') });
    const { body } = await denying.query(query, { as });
    expect(body.data).toEqual({
      employees: [{ id: '1', salary: 1000 }, null, null],
      grid: [[{ id: '1' }, null], [null]],
      found: [{ __typename: 'Employee', id: '1' }, { __typename: 'Robot', id: '1' }, null],
      employee: null,
      persons: [{ id: '1' }, { id: '1' }],
    });
    expect(body.errors?.map(({ path }) => path?.join('.'))).toEqual([
      'employees.1',
      'employees.2',
      'grid.0.1',
      'grid.1.0',
      'found.2',
      'employee',
    ]);
    expect(new Set(body.errors?.map(({ extensions }) => extensions.code))).toEqual(
      new Set(['FORBIDDEN']),
    );
  });

  it('get nothing of others, of whichever type it is', async () => {
    const denying = await open({ rules: apart('') });
    const { body } = await denying.query('{ found { __typename ... on Person { id } } }', {
      as: { claims: { tenant: 'b' } },
    });
    expect(body.data).toEqual({ found: [null, null, { __typename: 'Employee', id: '2' }] });
  });

  it('do not learn of other rows where these are dropped', async () => {
    const dropping = await open({ rules: apart(', otherwise: [drop]') });
    const { body } = await dropping.query(query, { as });
    expect(body).toEqual({
      data: {
        employees: [{ id: '1', salary: 1000 }],
        grid: [[{ id: '1' }], []],
        found: [
          { __typename: 'Employee', id: '1' },
          { __typename: 'Robot', id: '1' },
        ],
        employee: null,
        persons: [{ id: '1' }, { id: '1' }],
      },
    });
    const nobody = await dropping.query('{ employees { id } employee(id: "3") { id } }', {});
    expect(nobody.body).toEqual({ data: { employees: [], employee: null } });
  });

  it('are refused in the record by the rule that refuses, and by no other', async () => {
    const several = await open({
      rules: `${rules}
  - { name: met, types: [Employee], require: { any: [{ scopes: [payroll] }, { when: object.id == claims.me }] } }
  - { name: unmet, types: [Employee], require: { when: object.managerId == claims.manager } }
`,
    });
    await several.query('{ found { __typename } }', { as });
    expect(several.records.at(-1)?.denials).toMatchObject([
      { coordinate: 'Query.found', rule: 'unmet', asks: ['when'] },
    ]);
  });

  it('do not learn of them either where another rule asks something of each row', async () => {
    for (const [first, second] of [
      [', otherwise: [drop]', ''],
      ['', ', otherwise: [drop]'],
    ] as const) {
      const more = `${apart(first)}
  - { name: managed, types: [Employee], require: { when: object.managerId == claims.manager }${second} }
`;
      const dropping = await open({ rules: more });
      // Where both are failed, and where each is alone.
      const answers = [];
      for (const claims of [{}, { manager: '9' }, { tenant: 'b' }, { tenant: 'a', manager: '8' }]) {
        const as = { scopes: ['payroll'], claims };
        const { body } = await dropping.query('{ employees { id } employee(id: "2") { id } }', {
          as,
        });
        answers.push([body.data, body.errors?.map(({ path }) => path?.join('.'))]);
      }
      const none = { employees: [], employee: null };
      const isTenantDropped = first !== '';
      expect(answers).toEqual(
        isTenantDropped
          ? [
              [none, undefined],
              [none, undefined],
              // Of their own tenant they are told that there is one whom they do not manage.
              [{ employees: [null], employee: null }, ['employees.0', 'employee']],
              [{ employees: [null], employee: null }, ['employees.0']],
            ]
          : [
              [none, undefined],
              [{ employees: [null], employee: null }, ['employees.0']],
              [none, undefined],
              [none, undefined],
            ],
      );
    }
  });
});
