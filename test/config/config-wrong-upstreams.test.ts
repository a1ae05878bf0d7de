/** Wrong connections to upstreams: each problem is found at its line and column. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../gateway/config.ts';
import { problemsOf, readMarks, writeFiles } from '../support/config-files.ts';

const head = 'version: 1\nidentity: { anonymous: allow }\nupstreams:\n  pay:\n';
const pay = (lines: string, url = 'https://pay.example.com') =>
  `${head}    graphql: a.graphql\n    url: ${url}\n${lines}`;
const rest = (lines: string) =>
  `${head}    openapi: a.yaml\n    url: https://pay.example.com\n    operations: reads\n${lines}`;
const oauth = (change: Readonly<Record<string, string>> = {}, lines = '') => {
  const keys = {
    tokenUrl: 'https://idp.example.com/token',
    clientId: 'gateway',
    clientSecret: 'secret',
    ...change,
  };
  const written = Object.entries(keys).map(([key, value]) => `      ${key}: ${value}\n`);
  return pay(`    oauth:\n${written.join('')}${lines}`);
};

interface Case {
  name: string;
  given: string;
  /** Code and path per problem, in the order of the marks. */
  expect: [code: string, path: string][];
}

const at = (path: string): string => `upstreams.pay.${path}`;

const cases: Case[] = [
  {
    name: 'more attempts than are bounded',
    given: pay('    retries: { attempts: ▸9 }\n'),
    expect: [['out-of-range', at('retries.attempts')]],
  },
  {
    name: 'half an attempt',
    given: pay('    retries: { attempts: ▸1.5 }\n'),
    expect: [['wrong-type', at('retries.attempts')]],
  },
  {
    name: 'a budget of everything',
    given: pay('    retries: { budget: ▸1 }\n'),
    expect: [['out-of-range', at('retries.budget')]],
  },
  {
    name: 'a budget below nothing',
    given: pay('    retries: { budget: ▸-0.1 }\n'),
    expect: [['out-of-range', at('retries.budget')]],
  },
  {
    name: 'an unknown key of retries',
    given: pay('    retries: { ▸max: 1 }\n'),
    expect: [['unknown-key', at('retries.max')]],
  },
  {
    name: 'retries as a number',
    given: pay('    retries: ▸2\n'),
    expect: [['wrong-type', at('retries')]],
  },
  {
    name: 'an authority that is no path',
    given: pay('    ca: ▸[a.pem]\n'),
    expect: [['wrong-type', at('ca')]],
  },
  {
    name: 'an authority over plain http',
    given: pay('    ▸ca: a.pem\n', 'http://pay.example.com'),
    expect: [['conflict', at('ca')]],
  },
  {
    name: 'a client certificate over plain http',
    given: pay('    ▸mtls: { cert: a.pem, key: b.pem }\n', 'http://127.0.0.1:1'),
    expect: [['conflict', at('mtls')]],
  },
  {
    name: 'a client certificate without its key',
    given: pay('    ▸mtls: { cert: a.pem }\n'),
    expect: [['missing-key', at('mtls.key')]],
  },
  ...[
    'http://idp.example.com/token',
    'http://127.0.0.1.example.com/token',
    'https://a:b@idp.example.com/token',
    'https://idp.example.com/token?a=b',
    'https://idp.example.com/#a',
    'file:///token',
    '/token',
  ].map(
    (url): Case => ({
      name: `tokens from ${url}`,
      given: oauth({ tokenUrl: `▸"${url}"` }),
      expect: [['unsafe-url', at('oauth.tokenUrl')]],
    }),
  ),
  {
    name: 'a client without a secret',
    given: pay('    ▸oauth: { tokenUrl: "https://idp.example.com/token", clientId: a }\n'),
    expect: [['missing-key', at('oauth.clientSecret')]],
  },
  {
    name: 'a client name with a line break',
    given: oauth({ clientId: '▸"a\\nb"' }),
    expect: [['wrong-format', at('oauth.clientId')]],
  },
  {
    name: 'scopes as a list',
    given: oauth({ scope: '▸[a, b]' }),
    expect: [['wrong-type', at('oauth.scope')]],
  },
  {
    name: 'scopes with two blanks',
    given: oauth({ scope: '▸"a  b"' }),
    expect: [['wrong-format', at('oauth.scope')]],
  },
  {
    name: 'an unknown key of oauth',
    given: oauth({}, '      ▸grant: password\n'),
    expect: [['unknown-key', at('oauth.grant')]],
  },
  {
    name: 'a token beside a written credential',
    given: oauth({}, '    headers: { ▸Authorization: Bearer a }\n'),
    expect: [['conflict', at('headers.Authorization')]],
  },
  {
    name: 'a private network as a word',
    given: pay('    privateNetwork: ▸allowed\n'),
    expect: [['wrong-type', at('privateNetwork')]],
  },
  ...[
    'Payroll-',
    '1a',
    '__p',
    'fg_',
    'fg2_',
    'fgk0_',
    'fgs_',
    'fgs3_a',
    'fgw_Pay',
    '_fgKey',
    '""',
  ].map(
    (prefix): Case => ({
      name: `the prefix ${prefix}`,
      given: pay(`    prefix: ▸${prefix}\n`),
      expect: [['wrong-format', at('prefix')]],
    }),
  ),
  {
    name: 'a prefix of an OpenAPI upstream',
    given: rest('    ▸prefix: Pay_\n'),
    expect: [['conflict', at('prefix')]],
  },
  {
    name: 'too long lists of operations',
    given: `${pay('')}batch: { max: ▸101 }\n`,
    expect: [['out-of-range', 'batch.max']],
  },
  {
    name: 'an unknown key of batch',
    given: `${pay('')}batch: { ▸size: 5 }\n`,
    expect: [['unknown-key', 'batch.size']],
  },
];

test.each(cases)('refuses $name', async ({ given, expect: wanted }) => {
  const { places } = readMarks(given);
  expect(places).toHaveLength(wanted.length);
  const directory = await writeFiles({ 'gateway.yaml': given });
  const met = await problemsOf(() => loadConfig(join(directory, 'gateway.yaml'), { env: {} }));
  expect(met).toEqual(wanted.map(([code, path], index) => ({ code, path, ...places[index] })));
});

test('the files that the cases change are right', async () => {
  for (const given of [pay(''), rest(''), oauth()]) {
    const directory = await writeFiles({ 'gateway.yaml': given });
    await expect(loadConfig(join(directory, 'gateway.yaml'), { env: {} })).resolves.toBeDefined();
  }
});
