/**
 * Masks that let the value through: under an alias, in lists, through interfaces and joins, for
 * values so short that their end is all of them, or beside a spelling that is not masked.
 */
import { describe, expect, it } from 'vitest';
import { testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

// No control: shield knows no masks.

const sdl = /* GraphQL */ `
  type Query { me: Employee people: [Person!]! named(code: String): Employee }
  interface Person { id: ID! code: String codes: [String] }
  type Employee implements Person { id: ID! code: String codes: [String] grid: [[String!]!] required: String! number: ID name: String note: String }
  type Robot implements Person { id: ID! code: String codes: [String] }
`;
const value = '900-11-1111';
const shown = '•••••••1111';
const hidden = '•••••';
const me: Record<string, unknown> = {
  __typename: 'Employee',
  id: '1',
  code: value,
  codes: [value, null, '1234', ''],
  grid: [[value, '7'], []],
  required: value,
  number: 900111111,
  name: 'Ada',
  note: value,
};
const robot = { __typename: 'Robot', id: '2', code: '900-22-2222', codes: [] };
const rules = `
version: 1
rules:
  - { name: open, fields: { Query: [me, people, named], Person: [id], Employee: [name] }, allow: everyone }
  - name: codes
    fields: { Person: [code, codes], Employee: [grid, required, number] }
    allow: { scopes: [codes] }
    otherwise: [{ mask: last4, allow: { scopes: [codes4] } }, { mask: redact, allow: everyone }]
  - name: notes
    fields: { Employee: [note] }
    allow: { scopes: [codes] }
    otherwise: [{ mask: redact, allow: { scopes: [codes4] } }, deny]
  - { name: search, fields: { Query: ["named(code:)"] }, allow: { scopes: [codes] } }
`;
const gateway = await testGateway({
  upstreams: { hr: played(sdl, { me, people: [me, robot], named: me }) },
  rules,
});
const as = { scopes: ['codes4'] };

const cases: { name: string; given: string; expect: unknown; masked: string[] }[] = [
  {
    name: 'a field',
    given: '{ me { code } }',
    expect: { me: { code: shown } },
    masked: ['Employee.code'],
  },
  {
    name: 'under the name of an open field',
    given: '{ me { name: code id: code __typename: code } }',
    expect: { me: { name: shown, id: shown, __typename: shown } },
    masked: ['Employee.code'],
  },
  {
    name: 'twice, and beside an open field',
    given: '{ me { code a: code name ...F } } fragment F on Employee { code }',
    expect: { me: { code: shown, a: shown, name: 'Ada' } },
    masked: ['Employee.code'],
  },
  {
    name: 'through an interface',
    given: '{ people { id code } }',
    expect: {
      people: [
        { id: '1', code: shown },
        { id: '2', code: '•••••••2222' },
      ],
    },
    masked: ['Employee.code', 'Robot.code'],
  },
  {
    name: 'at a type behind an interface, under an alias',
    given: '{ people { ... on Robot { id: code } ... on Employee { id: code } } }',
    expect: { people: [{ id: shown }, { id: '•••••••2222' }] },
    masked: ['Employee.code', 'Robot.code'],
  },
  {
    name: 'in a list: nulls stay, short values go',
    given: '{ me { codes } }',
    expect: { me: { codes: [shown, null, hidden, hidden] } },
    masked: ['Employee.codes'],
  },
  {
    name: 'in a list of lists',
    given: '{ me { grid } }',
    expect: { me: { grid: [[shown, hidden], []] } },
    masked: ['Employee.grid'],
  },
  {
    name: 'where null may not stand',
    given: '{ me { required } }',
    expect: { me: { required: shown } },
    masked: ['Employee.required'],
  },
  {
    name: 'a number as an ID',
    given: '{ me { number } }',
    expect: { me: { number: '•••••1111' } },
    masked: ['Employee.number'],
  },
  {
    name: 'redacted',
    given: '{ me { note } }',
    expect: { me: { note: hidden } },
    masked: ['Employee.note'],
  },
];

describe('a masked value', () => {
  it.each(cases)('stays masked: $name', async ({ given, expect: data, masked }) => {
    const { body, text } = await gateway.query(given, { as });
    expect(text).not.toMatch(/900-?(11|22)/);
    expect(body.data).toEqual(data);
    expect(body.errors).toBeUndefined();
    expect(body.extensions).toEqual({ masked });
  });

  it.each(cases)('is whole for who may, and nobody is told otherwise: $name', async ({ given }) => {
    const { body, text } = await gateway.query(given, { as: { scopes: ['codes', 'codes4'] } });
    expect(text).toMatch(/900-?(11|22)/);
    expect(text).not.toContain('•');
    expect(body.extensions).toBeUndefined();
  });

  it('is redacted for who may see even less', async () => {
    const { body } = await gateway.query('{ me { code codes note } }');
    expect(body.data).toEqual({
      me: { code: hidden, codes: [hidden, null, hidden, hidden], note: null },
    });
    expect(body.errors?.map((error) => error.extensions.coordinate)).toEqual(['Employee.note']);
  });

  it('is not to be searched by', async () => {
    const { body } = await gateway.query(`{ named(code: "${value}") { code } }`, { as });
    expect(body.data).toEqual({ named: null });
    expect(body.errors?.map((error) => error.extensions.coordinate)).toEqual([
      'Query.named(code:)',
    ]);
  });

  const lengths = [
    { name: 'none', given: '', expect: hidden },
    { name: '1', given: '1', expect: hidden },
    { name: '4', given: '1234', expect: hidden },
    { name: '7', given: '1234567', expect: hidden },
    { name: '8', given: '12345678', expect: '••••5678' },
    { name: '4 of two units each', given: '🙂🙂🙂🙂', expect: hidden },
    { name: '8 of two units each', given: '🙂🙂🙂🙂🙃🙃🙃🙃', expect: '••••🙃🙃🙃🙃' },
  ];
  it.each(lengths)(
    'shows at most half of its characters: $name',
    async ({ given, expect: code }) => {
      const other = await testGateway({
        upstreams: { hr: played(sdl, { me: { ...me, code: given } }) },
        rules,
      });
      expect((await other.query('{ me { code } }', { as })).body.data).toEqual({ me: { code } });
    },
  );

  it('null is null, and is not said to be masked', async () => {
    const other = await testGateway({
      upstreams: { hr: played(sdl, { me: { ...me, code: null, codes: null } }) },
      rules,
    });
    const { body } = await other.query('{ me { code codes } }', { as });
    expect(body).toEqual({ data: { me: { code: null, codes: null } } });
  });

  it('combining marks count as shown characters', async () => {
    const marked = `e${'\u0301'.repeat(3)}`;
    const other = await testGateway({
      upstreams: { hr: played(sdl, { me: { ...me, code: marked } }) },
      rules,
    });
    expect((await other.query('{ me { code } }', { as })).body.data).toEqual({
      me: { code: hidden },
    });
  });
});

it('a hash is one of key, class and value, by which records are matched', async () => {
  const hashed = `
version: 1
rules:
  - { name: open, fields: { Query: [me, people] }, allow: everyone }
  - name: codes
    class: government-id
    fields: { Person: [code], Employee: [note] }
    allow: { scopes: [codes] }
    otherwise: [{ mask: hash, allow: everyone }]
`;
  const answerOf = async (maskKey: string) => {
    const upstreams = { hr: played(sdl, { me, people: [me, robot] }) };
    const { query } = await testGateway({ upstreams, rules: hashed, maskKey });
    const { data } = (await query('{ me { code note } people { code } }')).body;
    return data as { me: { code: string; note: string }; people: { code: string }[] };
  };
  const [one, again, other] = await Promise.all(['k', 'k', 'l'].map(answerOf));
  expect(one?.me.code).toMatch(/^[\w-]{16}$/);
  expect(one?.me.note).toBe(one?.me.code);
  expect(one?.people[0]?.code).toBe(one?.me.code);
  expect(one?.people[1]?.code).not.toBe(one?.me.code);
  expect(again).toEqual(one);
  expect(other?.me.code).not.toBe(one?.me.code);
});
