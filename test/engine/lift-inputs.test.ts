/** What stands in the text of arguments is coerced once for an operation, not for each row. */
import { GraphQLInputObjectType } from 'graphql';
import { describe, expect, it, vi } from 'vitest';
import { played } from '../attacks/obvious.ts';
import { testGateway } from '../support/gateway.ts';

const sdl = `
  type Query { rows(count: Int): [Row!] }
  type Row { id: ID told(by: By, all: [By!]): String }
  scalar Any
  enum Kind { A B }
  input By { id: ID text: String whole: Int real: Float flag: Boolean kind: Kind more: [By] ids: [ID!] filled: Int = 7 any: Any }
`;
const rules = `
version: 1
rules:
  - { name: open, fields: { Query: [rows], Row: ["*"] }, allow: everyone }
`;

function open(engine: 'compiled' | 'reference', told: unknown[] = []) {
  const row = (at: number) => ({
    id: String(at),
    told: (args: object) => {
      told.push(args);
      return JSON.stringify(args);
    },
  });
  const upstream = played(sdl, {
    rows: ({ count }: { count: number }) => Array.from({ length: count }, (_, at) => row(at)),
  });
  return testGateway({ engine, upstreams: { up: upstream }, rules });
}

const by = '{ id: 12345678901234567890, text: "t", more: [{ whole: 1 }, null], kind: B }';

describe('inputs in the text', () => {
  const looksPerRows = async (access: string, query: string) => {
    let count = 1;
    const answer = () => ({
      data: { rows: Array.from({ length: count }, () => ({ __typename: 'Row', told: 'x' })) },
    });
    const upstreams = { up: { sdl, answer } };
    const gateway = await testGateway({ engine: 'reference', upstreams, rules: access });
    for (let turn = 0; turn < 3; turn += 1) await gateway.query(query);
    const looks = vi.spyOn(GraphQLInputObjectType.prototype, 'getFields');
    await gateway.query(query);
    const once = looks.mock.calls.length;
    count = 50;
    expect((await gateway.query(query)).body.data?.rows).toHaveLength(50);
    const all = looks.mock.calls.length;
    looks.mockRestore();
    return { once, more: all - once };
  };

  it('are looked at by the second lock as often for many rows as for one', async () => {
    const governed = `${rules}  - { name: by, fields: { By: [text] }, allow: everyone }\n`;
    const query = `{ rows { told(all: [${'{ text: "t" }'.repeat(20)}]) } }`;
    const { once, more } = await looksPerRows(governed, query);
    expect(once).toBeGreaterThan(0);
    expect(more).toBe(once);
  });

  it.each([
    `{ rows { told(all: [{ any: WORD }, ${'{}'.repeat(20)}]) } }`,
    `{ rows { told(all: [${'{ any: WORD }'.repeat(20)}]) } }`,
    `query ($any: Any = 1) { rows { told(all: [${'{ any: { a: $any } }'.repeat(20)}], by: { any: 1.50 }) } }`,
  ])('are coerced once where some must stay as they are written', async (query) => {
    const { once, more } = await looksPerRows(rules, query);
    expect(once).toBeGreaterThan(0);
    expect(more).toBe(once);
  });

  it.each(['compiled', 'reference'] as const)(
    'reach services as they are written: %s',
    async (engine) => {
      const { query, requests } = await open(engine);
      const text = `query ($any: Any, $none: Any = "d", $_v0_fg_in0: Any, $word: String) {
      rows(count: 2) {
        told(all: [{ any: WORD, text: $word }, { any: { a: $any, b: [$none] } }, { text: "t" }], by: { any: 1.50 })
        other: told(by: { any: [$_v0_fg_in0, E] })
      }
    }`;
      const variables = { any: [1, { b: 'c' }], _v0_fg_in0: 'theirs', word: 'w' };
      const { body } = await query(text, { variables });
      expect(body.errors).toBeUndefined();
      const any = [
        { any: 'WORD', text: 'w', filled: 7 },
        { any: { a: variables.any, b: ['d'] }, filled: 7 },
      ];
      const told = { all: [...any, { text: 't', filled: 7 }], by: { any: 1.5, filled: 7 } };
      const row = body.data?.rows as { told: string; other: string }[];
      expect(row.map((one) => [JSON.parse(one.told), JSON.parse(one.other)])).toEqual(
        Array.from({ length: 2 }, () => [told, { by: { any: ['theirs', 'E'], filled: 7 } }]),
      );
      const [sent = ''] = requests.map((one) => one.query.replaceAll(/\s+/g, ' '));
      expect(sent).toMatch(/any: ?WORD/);
      expect(sent).toMatch(/any: ?1\.50/);
      expect(sent).toMatch(/, E\]/);
    },
  );

  it('are coerced as often for many rows as for one', async () => {
    let count = 1;
    const answer = () => ({
      data: { rows: Array.from({ length: count }, () => ({ __typename: 'Row', told: 'x' })) },
    });
    const upstreams = { up: { sdl, answer } };
    const gateway = await testGateway({ engine: 'reference', upstreams, rules });
    const query = `query ($text: String) { rows { told(by: { text: $text }, all: [${'{}'.repeat(20)}]) } }`;
    const ask = () => gateway.query(query, { variables: { text: 't' } });
    // Planned, and kept.
    for (let turn = 0; turn < 3; turn += 1) await ask();
    const looks = vi.spyOn(GraphQLInputObjectType.prototype, 'getFields');
    await ask();
    const once = looks.mock.calls.length;
    expect(once).toBeGreaterThan(0);
    count = 50;
    expect((await ask()).body.data?.rows).toHaveLength(50);
    expect(looks.mock.calls.length).toBe(2 * once);
    looks.mockRestore();
  });

  const texts = [
    `told(by: ${by})`,
    'told(by: { id: "a", real: 1.5, flag: true, ids: ["x", 7] })',
    'told(by: { ids: "one", more: { text: "" } })',
    'told(by: { text: $text, id: $id, more: [{ text: $none }, $by] })',
    'told(all: [$by, { kind: $kind, whole: $whole }])',
    'told(all: { text: null })',
    'told(by: { text: $fg_in0 }, all: [{ text: "own" }, { text: $_fg_in0 }])',
    'told(by: { real: 12345678901234567890, whole: -0 })',
    'told(by: { any: "t" }, all: [{ any: 7 }, { any: [1.5, { a: true, b: null }] }, { any: $any }])',
    'told(by: { any: WORD }, all: [{ any: 1.50 }, { any: { a: $any } }])',
    'told(all: [{ any: WORD, more: { text: $text } }, { whole: 1 }, { id: $id }])',
    'told(by: { any: 1.50, ids: "one", more: [{ any: { a: WORD } }, { kind: A, real: 2 }] })',
    'told(by: null, all: [])',
  ];
  it.each(texts)('say the same with both engines: %s', async (text) => {
    const used = (name: string, type: string) =>
      text.includes(`$${name}`) ? `$${name}: ${type} ` : '';
    const definitions = `${used('text', 'String')}${used('id', 'ID')}${used('none', 'String')}${used('by', 'By!')}${used('kind', 'Kind = A')}${used('whole', 'Int')}${used('any', 'Any')}${used('_fg_in0', 'String')}${used('fg_in0', 'String')}`;
    const head = definitions === '' ? '' : `query (${definitions})`;
    const variables = {
      text: 'v',
      id: 9,
      by: { text: 'of a variable' },
      whole: 3,
      any: 'x',
      fg_in0: 'theirs',
    };
    const answers = [];
    for (const engine of ['compiled', 'reference'] as const) {
      const gateway = await open(engine);
      answers.push(
        (await gateway.query(`${head} { rows(count: 2) { ${text} } }`, { variables })).body,
      );
    }
    expect(answers[0]?.errors).toBeUndefined();
    expect(answers[1]).toEqual(answers[0]);
  });
});
