/** policies/network: what may be written, where slips are reported, and how files add up. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isCountryCode } from '../../gateway/addresses/region-code.ts';
import { loadNetwork } from '../../gateway/admit/network-file.ts';
import { openNetwork } from '../../gateway/admit/network-policy.ts';
import { problemsOf, readMarks, writeFiles } from '../support/config-files.ts';

const listed = 'lists: { a: { file: a.txt } }\n';

const wrong = [
  { name: 'a proxy', given: 'trustedProxies: [10.0.0.0/8, ▸nope]\n', expect: ['wrong-format'] },
  { name: 'no proxies at all', given: 'trustedProxies: ▸0\n', expect: ['out-of-range'] },
  { name: 'too many proxies', given: 'trustedProxies: ▸65\n', expect: ['out-of-range'] },
  { name: 'a header', given: 'header: ▸x-real-ip\n', expect: ['wrong-value'] },
  { name: 'a list that is not there', given: `${listed}deny: [▸b]\n`, expect: ['unknown-name'] },
  { name: 'a list to allow', given: `${listed}allow: [a, ▸b]\n`, expect: ['unknown-name'] },
  { name: 'nothing to allow', given: `${listed}allow: ▸[]\n`, expect: ['empty'] },
  { name: 'a name', given: 'lists: { ▸"A b": { file: a.txt } }\n', expect: ['wrong-name'] },
  { name: 'no file', given: 'lists: { ▸a: {} }\n', expect: ['missing-key'] },
  { name: 'a period', given: 'lists: { a: { file: a, reload: ▸0s } }\n', expect: ['wrong-format'] },
  {
    name: 'a country',
    given: 'regions: { database: embedded, deny: [▸UK] }\n',
    expect: ['wrong-format'],
  },
  { name: 'no database', given: '▸regions: { deny: [DE] }\n', expect: ['missing-key'] },
  {
    name: 'no country to allow',
    given: 'regions: { database: a, allow: ▸[] }\n',
    expect: ['empty'],
  },
  { name: 'shadow', given: '▸shadow: { until: 2026-12-31 }\n', expect: ['unknown-key'] },
  {
    name: 'a shadow of what is denied',
    given: 'lists: { a: { file: a } }\ndeny: [a, ▸{ list: a, shadow: { until: 2026-12-31 } }]\n',
    expect: ['duplicate-name'],
  },
  {
    name: 'a shadow of a list that there is not',
    given: 'deny: [{ list: ▸a, shadow: { until: 2026-12-31 } }]\n',
    expect: ['unknown-name'],
  },
  {
    name: 'an entry in shadow mode among those that are allowed: it would let more in',
    given: 'lists: { a: { file: a } }\nallow: [▸{ list: a, shadow: { until: 2026-12-31 } }]\n',
    expect: ['wrong-type'],
  },
  {
    name: 'a day that there is not',
    given: 'lists: { a: { file: a } }\nallow: { lists: [a], shadow: { until: ▸2026-02-30 } }\n',
    expect: ['wrong-format'],
  },
  { name: 'an unknown key', given: '▸denied: []\n', expect: ['unknown-key'] },
];

test.each(wrong)('refused: $name', async ({ given, expect: codes }) => {
  const { places } = readMarks(`version: 1\n${given}`);
  const directory = await writeFiles({ 'network/a.yaml': `version: 1\n${given}` });
  const problems = await problemsOf(() => loadNetwork(directory));
  expect(problems.map(({ code, line, column }) => ({ code, line, column }))).toEqual(
    places.map((place, index) => ({ code: codes[index], ...place })),
  );
});

test('without the folder nobody is trusted and nothing is blocked', async () => {
  expect(await loadNetwork(await writeFiles({ 'access/a.md': '' }))).toEqual(openNetwork);
});

test('files add up, and paths start at the file that names them', async () => {
  const directory = await writeFiles({
    'network/a.yaml':
      'version: 1\ntrustedProxies: 2\nlists: { a: { file: ../../a.txt, reload: 5m } }\n',
    'network/b.yaml':
      'version: 1\nheader: forwarded\nlists: { b: { file: /b.txt } }\ndeny: [a]\nallow: [b]\n' +
      'regions: { database: c.mmdb, deny: [RU], allow: [DE, CH] }\n',
  });
  expect(await loadNetwork(directory)).toEqual({
    trustedProxies: 2,
    header: 'forwarded',
    lists: [
      {
        name: 'a',
        file: join(directory, '../a.txt'),
        named: {
          file: join(directory, 'network/a.yaml'),
          line: 3,
          column: 21,
          path: 'lists.a.file',
        },
        reloadMs: 300_000,
      },
      { name: 'b', file: '/b.txt', named: expect.anything(), reloadMs: 60_000 },
    ],
    deny: ['a'],
    allow: ['b'],
    regions: {
      file: join(directory, 'network/c.mmdb'),
      named: expect.objectContaining({ line: 6, path: 'regions.database' }),
      reloadMs: 3_600_000,
      deny: ['RU'],
      allow: ['DE', 'CH'],
    },
    shadows: [],
  });
});

test('a key or a list that two files set is refused', async () => {
  const text = `version: 1\n${listed}deny: [a]\n`;
  const directory = await writeFiles({ 'network/a.yaml': text, 'network/b.yaml': text });
  const problems = await problemsOf(() => loadNetwork(directory));
  expect(problems.map(({ code, path }) => [code, path])).toEqual([
    ['duplicate-name', 'deny'],
    ['duplicate-name', 'lists.a'],
  ]);
});

const codes = [
  { given: 'DE', expect: true },
  { given: 'GB', expect: true },
  { given: 'XK', expect: true },
  { given: 'UK', expect: false },
  { given: 'DD', expect: false },
  { given: 'de', expect: false },
  { given: 'ZZ', expect: false },
  { given: 'AAA', expect: false },
  { given: 'QQ', expect: false },
];

test.each(codes)('country $given: $expect', ({ given, expect: expected }) => {
  expect(isCountryCode(given)).toBe(expected);
});
