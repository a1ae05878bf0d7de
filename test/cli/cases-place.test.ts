/** `test`: cases of callers at an address, at a time, and from whom something is hidden. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeFiles } from '../support/config-files.ts';
import { makeDatabase } from '../support/mmdb.ts';
import {
  access,
  callers,
  type GivenCase,
  judged,
  judgedIn,
  toYaml,
  withCases,
} from './cases-rig.ts';
import { type Files, peopleWith } from './run-command.ts';

const { reader, payroll } = callers;

/** Readers of a rule on place and time. */
function situated(allow: string, more: Files = {}): Files {
  const files = peopleWith({
    [access]: (text) =>
      text.replace(
        'fields: { Person: [salary] }',
        `fields: { Person: [salary] }\n    require: ${allow}`,
      ),
  });
  return { ...files, ...more };
}

const paying = (as: object): GivenCase => ({
  as: { ...payroll, ...as },
  query: '{ people { salary } }',
  expect: { 'Person.salary': 'allow' },
});

describe('networks', () => {
  const lists = 'version: 1\nlists: { office: { file: office.txt }, blocked: { file: b.txt } }\n';
  const files = situated('{ network: office }', {
    'policies/network/default.yaml': `${lists}deny: [blocked]\n`,
    'policies/network/office.txt': '192.0.2.0/24\n2001:db8::/32\n',
    'policies/network/b.txt': '198.51.100.0/24\n',
  });
  const rows = [
    { name: 'on the list', address: '192.0.2.7', fails: [] },
    { name: 'on the list, version 6', address: '2001:db8::1', fails: [] },
    {
      name: 'not on it',
      address: '203.0.113.7',
      fails: ['Person.salary: allow, deny; missing network office'],
    },
    {
      name: 'blocked',
      address: '198.51.100.1',
      fails: ['Person.salary: allow, deny; whole admit/ip-blocked; missing network office'],
    },
    {
      name: 'nothing is said of the address: no list has it, and it is let in',
      address: undefined,
      fails: ['Person.salary: allow, deny; missing network office'],
    },
  ];
  test.each(rows)('$name', async ({ address, fails }) => {
    const { lines } = await judged(paying({ ...(address && { address }) }), files);
    expect(lines).toEqual(fails);
  });

  test('an address alone is the anonymous caller there', async () => {
    const open = (text: string) => text.replace('identity:', 'identity:\n  anonymous: allow');
    const everyone = (text: string) => `${text}
  - { name: visitors, fields: { Query: [person], Person: [fullName] }, allow: { network: office } }
`;
    const all = {
      ...files,
      'gateway.yaml': open(files['gateway.yaml'] ?? ''),
      'policies/access/people.yaml': everyone(files['policies/access/people.yaml'] ?? ''),
    };
    const query = '{ person(personId: "1") { fullName } }';
    const wanted = { 'Person.fullName': 'allow' };
    const there = { as: { address: '192.0.2.7' }, query, expect: wanted };
    expect((await judged(there, all)).lines).toEqual([]);
    const elsewhere = { as: { address: '203.0.113.7' }, query, expect: wanted };
    expect((await judged(elsewhere, all)).lines).toEqual([
      'Person.fullName: allow, deny; missing scopes people:read; missing network office',
      'Query.person: allow, deny; for Person.fullName; missing scopes people:read; missing network office',
    ]);
  });

  test('lists that cannot be read: exit 2, and where', async () => {
    const { 'policies/network/office.txt': _, ...without } = files;
    const { code, said } = await judged(paying({ address: '192.0.2.7' }), without);
    expect(code).toBe(2);
    expect(said.problems).toMatchObject([
      {
        file: expect.stringContaining('network/default.yaml'),
        message: expect.stringContaining('office.txt'),
      },
    ]);
  });

  const countries = [
    { name: 'of the country', address: '5.5.1.1', fails: [] },
    {
      name: 'of another',
      address: '9.9.9.9',
      fails: ['Person.salary: allow, deny; missing regions DE'],
    },
    {
      name: 'of one that may not come in',
      address: '7.7.7.7',
      fails: ['Person.salary: allow, deny; whole admit/region-blocked; missing regions DE'],
    },
  ];
  test.each(countries)('a country: $name', async ({ address, fails }) => {
    const regions = 'version: 1\nregions: { database: c.mmdb, deny: [RU] }\n';
    const ruled = situated('{ regions: [DE] }', { 'policies/network/default.yaml': regions });
    const directory = await writeFiles(withCases(toYaml([paying({ address })]), ruled));
    const database = makeDatabase({
      '5.0.0.0/8': { country_code: 'DE' },
      '9.0.0.0/8': { country_code: 'FR' },
      '7.0.0.0/8': { country_code: 'RU' },
    });
    await writeFile(join(directory, 'policies/network/c.mmdb'), database);
    expect((await judgedIn(directory)).lines).toEqual(fails);
  });
});

describe('hours', () => {
  const files = situated(
    '{ hours: { days: [mon], from: "09:00", to: "17:00", zone: Europe/Berlin } }',
  );
  const late = ['Person.salary: allow, deny; missing hours of Europe/Berlin'];
  test.each([
    { name: 'within', now: '2026-03-02T08:00:00Z', fails: [] },
    { name: 'within, by another offset', now: '2026-03-02T10:30:00.5+02:00', fails: [] },
    { name: 'before', now: '2026-03-02T07:59:59Z', fails: late },
    { name: 'another day', now: '2026-03-03T09:00:00Z', fails: late },
    { name: 'summer time', now: '2026-07-06T07:00Z', fails: [] },
    { name: 'nothing is said of the time: no hours hold', now: undefined, fails: late },
  ])('$name', async ({ now, fails }) => {
    const { lines } = await judged(paying({ ...(now && { now }) }), files);
    expect(lines).toEqual(fails);
  });
});

describe('a sign-in', () => {
  const files = situated('{ auth: { acr: [mfa], maxAge: 5m } }');
  const old = ['Person.salary: allow, deny; missing auth acr mfa, at most 5m ago'];
  const now = '2026-03-02T08:00:00Z';
  const at = Date.parse(now) / 1_000;
  test.each([
    { name: 'strong and recent', claims: { acr: 'mfa', auth_time: at - 300 }, now, fails: [] },
    { name: 'old', claims: { acr: 'mfa', auth_time: at - 301 }, now, fails: old },
    { name: 'weak', claims: { acr: 'pwd', auth_time: at }, now, fails: old },
    { name: 'nothing is said of the time', claims: { acr: 'mfa', auth_time: at }, fails: old },
  ])('$name', async ({ claims, now: asked, fails }) => {
    const as = { claims, ...(asked && { now: asked }) };
    expect((await judged(paying(as), files)).lines).toEqual(fails);
  });
});

describe('what is hidden from some', () => {
  const files = peopleWith({
    [access]: (text) =>
      text.replace(
        'claims: { team: [hr, 7] } }] }',
        'claims: { team: [hr, 7] } }] }\n    otherwise: [hide]',
      ),
  });
  test.each([
    { as: payroll, expected: 'allow', fails: [] },
    { as: reader, expected: 'hidden', fails: [] },
    { as: reader, expected: 'deny', fails: [] },
    {
      as: reader,
      expected: 'reject',
      fails: [
        'Person.salary: reject, hidden; whole limits/invalid; missing (scopes pay:read) or (claims.team hr or 7)',
      ],
    },
    {
      as: payroll,
      expected: 'hidden',
      fails: [
        'Person.salary: hidden, allow; by salaries',
        'Query.people: deny, allow; by directory',
      ],
    },
  ])('$expected', async ({ as, expected, fails }) => {
    const one = { as, query: '{ people { salary } }', expect: { 'Person.salary': expected } };
    expect((await judged(one, files)).lines).toEqual(fails);
  });
});
