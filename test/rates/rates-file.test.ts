/** policies/rates as files: what is read, what is refused and where. */
import { describe, expect, test } from 'vitest';
import { loadRates } from '../../gateway/rates/rates-file.ts';
import { problemsOf, readMarks, writeFiles } from '../support/config-files.ts';

const v = 'version: 1\n';
/** A file with one rate, in flow style. */
const one = (rate: string): string => `${v}rates:\n  - { ${rate} }\n`;
const good = 'name: a, per: address, limit: 5, window: 1m';
const login = 'fields: { Mutation: [login] }';

async function read(text: string) {
  return loadRates(await writeFiles({ 'rates/a.yaml': text }));
}

describe('is read', () => {
  const whole = { kind: 'address', path: [] };
  const cases: { name: string; given: string; expect: object }[] = [
    {
      name: 'the least that a rate can be',
      given: good,
      expect: { name: 'a', per: [whole], counts: 'requests', limit: 5, windowMs: 60_000 },
    },
    { name: 'nothing of fields', given: good, expect: { fields: [], classes: [] } },
    {
      name: 'fields, which count occurrences',
      given: `${good}, ${login}`,
      expect: { counts: 'occurrences', fields: [{ type: 'Mutation', name: 'login' }] },
    },
    {
      name: 'all fields of a type',
      given: `${good}, fields: { Mutation: ["*"] }`,
      expect: { fields: [{ type: 'Mutation', name: '*' }] },
    },
    {
      name: 'a class',
      given: `${good}, class: pay`,
      expect: { counts: 'occurrences', classes: ['pay'] },
    },
    {
      name: 'classes, by records',
      given: `${good}, class: [pay, banking], counts: records`,
      expect: { counts: 'records', classes: ['pay', 'banking'] },
    },
    {
      name: 'requests that touch fields',
      given: `${good}, ${login}, counts: requests`,
      expect: { counts: 'requests' },
    },
    {
      name: 'a compound key',
      given: `name: a, per: [claims.org.id, args.input.email, token], limit: 5, window: 1m, ${login}`,
      expect: {
        per: [
          { kind: 'claim', path: ['org', 'id'] },
          { kind: 'argument', path: ['input', 'email'] },
          { kind: 'token', path: [] },
        ],
      },
    },
    {
      name: 'a claim whose name is a URL',
      given: 'name: a, per: "claims.https://acme.example/tenant", limit: 5, window: 1m',
      expect: { per: [{ kind: 'claim', path: ['https://acme', 'example/tenant'] }] },
    },
    {
      name: 'whom it is for',
      given: `${good}, for: { scopes: [partner] }`,
      expect: { appliesTo: { kind: 'scopes', scopes: ['partner'] } },
    },
    { name: 'the longest window', given: good.replace('1m', '30d'), expect: { windowMs: 2.592e9 } },
    { name: 'the shortest', given: good.replace('1m', '1s'), expect: { windowMs: 1_000 } },
    {
      name: 'the largest limit',
      given: good.replace('limit: 5', 'limit: 1000000000'),
      expect: { limit: 1_000_000_000 },
    },
  ];
  test.each(cases)('$name', async ({ given, expect: wanted }) => {
    expect(await read(one(given))).toMatchObject([wanted]);
  });

  test('a folder that is not there as no rates', async () => {
    expect(await loadRates(await writeFiles({ 'access/a.yaml': v }))).toEqual([]);
  });

  test('files in their order, and where each rate stands', async () => {
    const a = readMarks(`${v}rates:\n  - ▸{ ${good} }\n`);
    const directory = await writeFiles({
      'rates/b.yaml': one(good.replace('name: a', 'name: b')),
      'rates/a.yaml': a.text,
    });
    const rates = await loadRates(directory);
    expect(rates.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(rates[0]?.source).toMatchObject(a.places[0] ?? {});
    expect(rates[0]?.source.file).toMatch(/rates\/a\.yaml$/);
  });
});

type Case = { name: string; given: string; expect: [code: string, path: string][] };

const at = 'rates[0]';
const wrong: Case[] = [
  // The file.
  { name: 'no version', given: '▸rates: []\n', expect: [['missing-key', 'version']] },
  {
    name: 'another version',
    given: 'version: ▸2\nrates: []\n',
    expect: [['wrong-value', 'version']],
  },
  { name: 'no rates', given: '▸version: 1\n', expect: [['missing-key', 'rates']] },
  { name: 'rates as a map', given: `${v}rates: ▸{}\n`, expect: [['wrong-type', 'rates']] },
  {
    name: 'a misspelt key of the file',
    given: `${v}rates: []\n▸rate: []\n`,
    expect: [['unknown-key', 'rate']],
  },
  { name: 'a rate that is a word', given: `${v}rates: [▸a]\n`, expect: [['wrong-type', at]] },
  {
    name: 'a key twice',
    given: one(`${good}, ▸limit: 6`),
    expect: [['duplicate-key', 'rates[0].limit']],
  },
  // The name.
  {
    name: 'no name',
    given: `${v}rates:\n  - ▸{ per: address, limit: 5, window: 1m }\n`,
    expect: [['missing-key', `${at}.name`]],
  },
  {
    name: 'a name with a space',
    given: one('name: ▸a b, per: address, limit: 5, window: 1m'),
    expect: [['wrong-format', `${at}.name`]],
  },
  {
    name: 'a name with a quote, which would end a header',
    given: one(`name: ▸'a"b', per: address, limit: 5, window: 1m`),
    expect: [['wrong-format', `${at}.name`]],
  },
  {
    name: 'a name that is a number',
    given: one('name: ▸[7], per: address, limit: 5, window: 1m'),
    expect: [['wrong-type', `${at}.name`]],
  },
  {
    name: 'a name of 101 letters',
    given: one(`name: ▸${'a'.repeat(101)}, per: address, limit: 5, window: 1m`),
    expect: [['wrong-format', `${at}.name`]],
  },
  // The limit.
  {
    name: 'no limit',
    given: `${v}rates:\n  - ▸{ name: a, per: address, window: 1m }\n`,
    expect: [['missing-key', `${at}.limit`]],
  },
  {
    name: 'a limit of 0',
    given: one('name: a, per: address, limit: ▸0, window: 1m'),
    expect: [['out-of-range', `${at}.limit`]],
  },
  {
    name: 'a negative limit',
    given: one('name: a, per: address, limit: ▸-1, window: 1m'),
    expect: [['out-of-range', `${at}.limit`]],
  },
  {
    name: 'a limit of one and a half',
    given: one('name: a, per: address, limit: ▸1.5, window: 1m'),
    expect: [['wrong-type', `${at}.limit`]],
  },
  {
    name: 'a limit past what is counted',
    given: one('name: a, per: address, limit: ▸1000000001, window: 1m'),
    expect: [['out-of-range', `${at}.limit`]],
  },
  {
    name: 'a limit without end',
    given: one('name: a, per: address, limit: ▸.inf, window: 1m'),
    expect: [['unsafe-number', `${at}.limit`]],
  },
  {
    name: 'a limit in words',
    given: one('name: a, per: address, limit: ▸many, window: 1m'),
    expect: [['wrong-type', `${at}.limit`]],
  },
  // The window.
  {
    name: 'no window',
    given: `${v}rates:\n  - ▸{ name: a, per: address, limit: 5 }\n`,
    expect: [['missing-key', `${at}.window`]],
  },
  {
    name: 'a window without a unit',
    given: one('name: a, per: address, limit: 5, window: ▸60'),
    expect: [['wrong-type', `${at}.window`]],
  },
  {
    name: 'a window in a unit that there is not',
    given: one('name: a, per: address, limit: 5, window: ▸1w'),
    expect: [['wrong-format', `${at}.window`]],
  },
  {
    name: 'a window under a second',
    given: one('name: a, per: address, limit: 5, window: ▸10ms'),
    expect: [['out-of-range', `${at}.window`]],
  },
  {
    name: 'a window over 30 days',
    given: one('name: a, per: address, limit: 5, window: ▸31d'),
    expect: [['out-of-range', `${at}.window`]],
  },
  {
    name: 'a negative window',
    given: one('name: a, per: address, limit: 5, window: ▸-1m'),
    expect: [['wrong-format', `${at}.window`]],
  },
  // Whose.
  {
    name: 'nobody',
    given: `${v}rates:\n  - ▸{ name: a, limit: 5, window: 1m }\n`,
    expect: [['missing-key', `${at}.per`]],
  },
  {
    name: 'an identity that there is not',
    given: one('name: a, per: ▸user, limit: 5, window: 1m'),
    expect: [['wrong-type', `${at}.per`]],
  },
  {
    name: 'a claim without a name',
    given: one('name: a, per: ▸claims., limit: 5, window: 1m'),
    expect: [['wrong-type', `${at}.per`]],
  },
  {
    name: 'a path with an empty step',
    given: one(`name: a, per: ▸args.a..b, limit: 5, window: 1m, ${login}`),
    expect: [['wrong-type', `${at}.per`]],
  },
  {
    name: 'no identity in a list',
    given: one('name: a, per: ▸[], limit: 5, window: 1m'),
    expect: [['empty', `${at}.per`]],
  },
  {
    name: 'six identities',
    given: one(
      'name: a, per: ▸[address, caller, client, token, claims.a, claims.b], limit: 5, window: 1m',
    ),
    expect: [['wrong-type', `${at}.per`]],
  },
  {
    name: 'a wrong one in a list',
    given: one('name: a, per: [address, ▸ip], limit: 5, window: 1m'),
    expect: [['wrong-format', `${at}.per[1]`]],
  },
  {
    name: 'an argument of nothing in particular',
    given: one('name: a, per: ▸args.email, limit: 5, window: 1m'),
    expect: [['conflict', `${at}.per`]],
  },
  {
    name: 'an argument of a class',
    given: one('name: a, per: ▸args.email, limit: 5, window: 1m, class: pay'),
    expect: [['conflict', `${at}.per`]],
  },
  {
    name: 'records per argument',
    given: one(`name: a, per: ▸args.email, limit: 5, window: 1m, ${login}, counts: records`),
    expect: [['conflict', `${at}.per`]],
  },
  {
    name: 'requests per argument',
    given: one(
      `name: a, per: ▸[address, args.email], limit: 5, window: 1m, ${login}, counts: requests`,
    ),
    expect: [['conflict', `${at}.per`]],
  },
  // What.
  { name: 'no fields', given: one(`${good}, fields: ▸{}`), expect: [['empty', `${at}.fields`]] },
  {
    name: 'a type without fields',
    given: one(`${good}, fields: { Mutation: ▸[] }`),
    expect: [['empty', `${at}.fields.Mutation`]],
  },
  {
    name: 'a field that is none',
    given: one(`${good}, fields: { Mutation: [▸log in] }`),
    expect: [['wrong-format', `${at}.fields.Mutation[0]`]],
  },
  {
    name: 'a coordinate for a type',
    given: one(`${good}, fields: { ▸Mutation.login: [a] }`),
    expect: [['wrong-name', `${at}.fields["Mutation.login"]`]],
  },
  {
    name: 'fields as a list',
    given: one(`${good}, fields: ▸[login]`),
    expect: [['wrong-type', `${at}.fields`]],
  },
  { name: 'no class', given: one(`${good}, class: ▸[]`), expect: [['empty', `${at}.class`]] },
  {
    name: 'a class with a space',
    given: one(`${good}, class: ▸a b`),
    expect: [['wrong-format', `${at}.class`]],
  },
  {
    name: 'something else to count',
    given: one(`${good}, ${login}, counts: ▸bytes`),
    expect: [['wrong-value', `${at}.counts`]],
  },
  {
    name: 'records of everything',
    given: one(`${good}, counts: ▸records`),
    expect: [['conflict', `${at}.counts`]],
  },
  {
    name: 'occurrences of everything',
    given: one(`${good}, counts: ▸occurrences`),
    expect: [['conflict', `${at}.counts`]],
  },
  // For whom.
  {
    name: 'for nobody in particular',
    given: one(`${good}, for: ▸{}`),
    expect: [['empty-condition', `${at}.for`]],
  },
  {
    name: 'an expression that looks at arguments',
    given: one(`${good}, for: ▸{ when: 'args.limit > 1' }`),
    expect: [['not-supported', `${at}.for`]],
  },
  {
    name: 'for a condition that there is not',
    given: one(`${good}, for: { ▸scope: [a] }`),
    expect: [['unknown-key', `${at}.for.scope`]],
  },
  {
    name: 'for everybody else',
    given: one(`${good}, for: { ▸not: { scopes: [a] } }`),
    expect: [['negation', `${at}.for.not`]],
  },
  // Other keys.
  {
    name: 'shadow without an end',
    given: one(`${good}, ▸shadow: {}`),
    expect: [['missing-key', `${at}.shadow.until`]],
  },
  {
    name: 'a day that there is not',
    given: one(`${good}, shadow: { until: ▸2026-02-30 }`),
    expect: [['wrong-format', `${at}.shadow.until`]],
  },
  {
    name: 'a budget of records in shadow mode',
    given: one(
      'name: r, per: caller, fields: { T: [f] }, counts: records, limit: 1, window: 1m, ▸shadow: { until: 2026-12-31 }',
    ),
    expect: [['conflict', `${at}.shadow`]],
  },
  {
    name: 'a misspelt key',
    given: one(`${good}, ▸windows: 1m`),
    expect: [['unknown-key', `${at}.windows`]],
  },
  {
    name: 'several at once, in their order',
    given: one('name: ▸a b, per: ▸ip, limit: ▸0, window: ▸1w'),
    expect: [
      ['wrong-format', `${at}.name`],
      ['wrong-type', `${at}.per`],
      ['out-of-range', `${at}.limit`],
      ['wrong-format', `${at}.window`],
    ],
  },
];

describe('is refused', () => {
  test.each(wrong)('$name', async ({ given, expect: wanted }) => {
    const { places } = readMarks(given);
    const met = await problemsOf(() => read(given));
    expect(met).toEqual(wanted.map(([code, path], index) => ({ code, path, ...places[index] })));
  });

  test('one name for two rates of a file', async () => {
    const given = `${v}rates:\n  - { ${good} }\n  - ▸{ ${good} }\n`;
    const met = await problemsOf(() => read(given));
    expect(met).toMatchObject([{ code: 'duplicate-name', ...readMarks(given).places[0] }]);
  });

  test('one name for two rates of two files, beside what else is wrong', async () => {
    const files = { 'rates/a.yaml': one(good), 'rates/b.yaml': one(good), 'rates/c.yaml': 'a: [' };
    const met = await problemsOf(async () => loadRates(await writeFiles(files)));
    expect(met.map(({ code }) => code).sort()).toEqual(['duplicate-name', 'yaml-syntax']);
  });
});
