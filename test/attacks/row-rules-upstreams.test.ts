/**
 * Rules that look at the object, and upstreams that answer wrongly just where these look: what the
 * caller has not asked for is in no error, and nobody is taken for somebody else.
 */
import { describe, expect, it } from 'vitest';
import { testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

const sdl = /* GraphQL */ `
  scalar Long
  type Query { staff: [Staff!]! mixed: [Mixed!]! }
  union Mixed = Staff | Robot
  type Staff { id: ID! name: String pay: Int teams: [String] strict: [String!] account: Long boss: Staff }
  type Robot { id: ID! teams: [String] }
`;
const person = (id: string, about: object = {}) => ({
  __typename: 'Staff',
  id,
  name: `name-${id}`,
  pay: 1000,
  teams: ['x'],
  strict: ['x'],
  account: 1,
  boss: null,
  ...about,
});

/** @param lie changes what the upstream sends, as text */
function open(about: {
  staff?: object[];
  mixed?: object[];
  pay: string;
  lie: (text: string) => string;
}) {
  const { staff = [person('1'), person('2')], mixed = [] } = about;
  const hr = played(sdl, { staff, mixed }, { lenient: true });
  return testGateway({
    upstreams: {
      hr: {
        ...hr,
        answer: async (request) => JSON.parse(about.lie(JSON.stringify(await hr.answer(request)))),
      },
    },
    rules: `
version: 1
rules:
  - { name: open, fields: { Query: ["*"], Staff: [id, name, boss], Robot: [id] }, allow: everyone }
  ${about.pay}
`,
  });
}

describe('entries of a list that a rule looks at', () => {
  const lists = [
    { field: 'teams', right: '"fgw_teams":["x"]', wrong: '"fgw_teams":["x",7]' },
    { field: 'strict', right: '"fgw_strict":["x"]', wrong: '"fgw_strict":["x",7]' },
  ];
  it.each(lists)("fail in nobody's answer: $field", async ({ field, right, wrong }) => {
    const gateway = await open({
      pay: `- { name: pay, fields: { Staff: [pay] }, allow: { when: '"x" in object.${field}' } }`,
      lie: (text) => text.replaceAll(right, wrong),
    });
    const { body, text } = await gateway.query('{ staff { name pay } }', { as: {} });
    expect(body.data).toEqual({
      staff: [
        { name: 'name-1', pay: null },
        { name: 'name-2', pay: null },
      ],
    });
    expect(body.errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [['staff', 0, 'pay'], 'FORBIDDEN'],
      [['staff', 1, 'pay'], 'FORBIDDEN'],
    ]);
    expect(text).not.toContain(field);
  });

  it("fail in nobody's answer, whatever stands at a place", async () => {
    const gateway = await open({
      mixed: [person('1'), { __typename: 'Robot', id: '2', teams: ['x'] }],
      pay: `- { name: teams, types: [Staff, Robot], require: { any: [{ scopes: [all] }, { when: '"x" in object.teams || object.id == claims.me' }] } }`,
      lie: (text) => text.replaceAll(/"(fgw\d_teams)":\["x"\]/g, '"$1":[7]'),
    });
    const { body, text } = await gateway.query(
      '{ mixed { ... on Staff { id } ... on Robot { id } } }',
      { as: { claims: { me: '2' } } },
    );
    expect(body.data).toEqual({ mixed: [null, { id: '2' }] });
    expect(body.errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [['mixed', 0], 'FORBIDDEN'],
    ]);
    expect(text).not.toContain('teams');
  });
});

describe('whole numbers that are rounded when they are read', () => {
  const pay = (when: string) =>
    `- { name: pay, fields: { Staff: [pay] }, allow: { when: '${when}' } }`;
  const conditions = [
    'object.account == parent.account',
    'object.account >= parent.account',
    '!(object.account != parent.account)',
    'object.account in [parent.account]',
  ];
  it.each(conditions)("are nobody's: %s", async (when) => {
    const staff = [person('1', { account: 5, boss: person('2', { account: 6 }) })];
    const query = '{ staff { boss { pay } } }';
    const rounding = await open({
      staff,
      pay: pay(when),
      lie: (text) =>
        text
          .replaceAll('"fgw_account":5', '"fgw_account":9007199254740992')
          .replaceAll('"fgw_account":6', '"fgw_account":9007199254740993'),
    });
    const { body } = await rounding.query(query, { as: {} });
    expect(body.data).toEqual({ staff: [{ boss: { pay: null } }] });
    const exact = await open({
      staff,
      pay: pay(when),
      lie: (text) => text.replaceAll('"fgw_account":6', '"fgw_account":5'),
    });
    const same = await exact.query(query, { as: {} });
    expect(same.body).toEqual({ data: { staff: [{ boss: { pay: 1000 } }] } });
  });

  it('are written in no rule', async () => {
    const opening = open({ pay: pay('object.account < 9007199254740993.0'), lie: (text) => text });
    await expect(opening).rejects.toThrow();
  });
});
