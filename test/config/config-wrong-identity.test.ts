// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the cases are references as operators write them
/** Wrong `identity:` sections: each problem is found at its line and column. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../gateway/config.ts';
import { problemsOf, readMarks, writeFiles } from '../support/config-files.ts';

const top = 'version: 1\nupstreams: { a: { graphql: a.graphql, url: "http://a" } }\nidentity:\n';
const rest = 'audience: graph, algorithms: [ES256]';
const one = (more: string, jwks = 'keys.json') =>
  `${top}  jwt:\n    - { issuer: a, jwks: ${jwks}, ${rest}${more} }\n`;
const secret = 'clientId: gateway, clientSecret: hush';
const asked = (more: string, url = '"https://idp.example.com/introspect"') =>
  `${top}  introspection:\n    - { url: ${url}, issuer: a, ${secret}${more} }\n`;
const more = (lines: string) => `${one('')}${lines}`;

interface Case {
  name: string;
  given: string;
  expect: [code: string, path: string][];
}

const cases: Case[] = [
  {
    name: 'one issuer twice',
    given: `${one('')}    - { issuer: ▸a, jwks: b.json, ${rest} }\n`,
    expect: [['duplicate-name', 'identity.jwt[1].issuer']],
  },
  {
    name: 'the issuer of API keys',
    given: one('').replace('issuer: a', 'issuer: ▸urn:fieldgate:api-keys'),
    expect: [['wrong-value', 'identity.jwt[0].issuer']],
  },
  {
    name: 'a ceiling with a * in the middle',
    given: one(', may: { scopes: [hr:read, ▸"hr:*:read"] }'),
    expect: [['wrong-format', 'identity.jwt[0].may.scopes[1]']],
  },
  {
    name: 'a ceiling as text',
    given: one(', may: { scopes: ▸"hr:read payroll:read" }'),
    expect: [['wrong-type', 'identity.jwt[0].may.scopes']],
  },
  {
    name: 'a ceiling for what issuers do not say',
    given: one(', may: { ▸claims: [a] }'),
    expect: [['unknown-key', 'identity.jwt[0].may.claims']],
  },
  ...['https://10.0.0.1/jwks', 'https://[fd00::1]/jwks', 'https://192.168.1.1:8443/'].map(
    (url): Case => ({
      name: `keys in a private network: ${url}`,
      given: one('', `▸"${url}"`),
      expect: [['unsafe-url', 'identity.jwt[0].jwks']],
    }),
  ),
  {
    name: 'keys of a metadata service, whatever the configuration says',
    given: one(', privateNetwork: true', '▸"https://169.254.169.254/jwks"'),
    expect: [['unsafe-url', 'identity.jwt[0].jwks']],
  },
  {
    name: 'a network for a file',
    given: one(', ▸privateNetwork: true'),
    expect: [['conflict', 'identity.jwt[0].privateNetwork']],
  },
  ...['http://idp.example.com/i', 'https://u:p@idp.example.com/i', 'file:///i', 'introspect'].map(
    (url): Case => ({
      name: `introspection at ${url}`,
      given: asked('', `▸"${url}"`),
      expect: [['unsafe-url', 'identity.introspection[0].url']],
    }),
  ),
  {
    name: 'introspection in a private network',
    given: asked('', '▸"https://10.0.0.1/i"'),
    expect: [['unsafe-url', 'identity.introspection[0].url']],
  },
  {
    name: 'introspection without a secret',
    given: `${top}  introspection:\n    - ▸{ url: "https://a.example/i", issuer: a, clientId: b }\n`,
    expect: [['missing-key', 'identity.introspection[0].clientSecret']],
  },
  {
    name: 'a secret that the environment does not have',
    given: asked('').replace('hush', '"▸${UNSET}"'),
    expect: [['missing-variable', 'identity.introspection[0].clientSecret']],
  },
  {
    name: 'answers that are good for an hour',
    given: asked(', cache: ▸1h'),
    expect: [['out-of-range', 'identity.introspection[0].cache']],
  },
  {
    name: 'a time without a unit',
    given: asked(', timeout: ▸"3"'),
    expect: [['wrong-format', 'identity.introspection[0].timeout']],
  },
  {
    name: 'two endpoints for every token',
    given: `${asked('')}    - ▸{ url: "https://b.example/i", issuer: b, ${secret} }\n`,
    expect: [['conflict', 'identity.introspection[1]']],
  },
  {
    name: 'a prefix that begins another',
    given: `${asked(', prefix: ab')}    - { url: "https://b.example/i", issuer: b, ${secret}, prefix: ▸a }\n`,
    expect: [['conflict', 'identity.introspection[1].prefix']],
  },
  {
    name: 'one issuer to verify and to ask about',
    given: `${one('')}  introspection:\n    - { url: "https://b.example/i", issuer: ▸a, ${secret}, jwt: true }\n`,
    expect: [['duplicate-name', 'identity.introspection[0].issuer']],
  },
  {
    name: 'API keys without a file',
    given: more('  ▸apiKeys: {}\n'),
    expect: [['missing-key', 'identity.apiKeys.file']],
  },
  ...['Authorization', 'cookie', 'DPoP'].map(
    (header): Case => ({
      name: `API keys in ${header}`,
      given: more(`  apiKeys: { file: k.yaml, header: ▸${header} }\n`),
      expect: [['forbidden-header', 'identity.apiKeys.header']],
    }),
  ),
  {
    name: 'API keys that cross to an upstream',
    given: `version: 1\nupstreams: { a: { graphql: a.graphql, url: "http://a", forward: [▸X-Api-Key, ▸dpop] } }\nidentity: { apiKeys: { file: k.yaml } }\n`,
    expect: [
      ['forbidden-header', 'upstreams.a.forward[0]'],
      ['forbidden-header', 'upstreams.a.forward[1]'],
    ],
  },
  {
    name: 'revocation that is never looked at again',
    given: more('  revoked: { file: r.yaml, reload: ▸0s }\n'),
    expect: [['out-of-range', 'identity.revoked.reload']],
  },
  {
    name: 'a misspelt key of revocation',
    given: more('  ▸revoked: { ▸path: r.yaml }\n'),
    expect: [
      ['missing-key', 'identity.revoked.file'],
      ['unknown-key', 'identity.revoked.path'],
    ],
  },
  ...['graphql', '//a/graphql', 'ftp://a/graphql', 'https://a/graphql?x=1'].map(
    (url): Case => ({
      name: `proofs for ${url}`,
      given: more(`  dpop: { url: ▸"${url}" }\n`),
      expect: [['unsafe-url', 'identity.dpop.url']],
    }),
  ),
  {
    name: 'proofs that are good for an hour',
    given: more('  dpop: { url: "https://a/graphql", maxAge: ▸1h }\n'),
    expect: [['out-of-range', 'identity.dpop.maxAge']],
  },
  {
    name: 'a client authority without a certificate of our own',
    given: `version: 1\nlisten: { ▸tls: { clientCa: ca.pem, key: k.pem } }\n${top.slice('version: 1\n'.length)}  anonymous: allow\n`,
    expect: [['missing-key', 'listen.tls.cert']],
  },
];

test.each(cases)('refuses $name', async ({ given, expect: wanted }) => {
  const { places } = readMarks(given);
  const directory = await writeFiles({ 'gateway.yaml': given });
  const met = await problemsOf(() => loadConfig(join(directory, 'gateway.yaml'), { env: {} }));
  expect(met.map(({ code, path }) => [code, path]).sort()).toEqual(wanted.sort());
  for (const { line, column } of met) expect(places).toContainEqual({ line, column });
});

test('everything at once', async () => {
  const text = `version: 1
upstreams: { a: { graphql: a.graphql, url: "http://a" } }
identity:
  jwt:
    - { issuer: a, jwks: "https://10.0.0.1/jwks", privateNetwork: true, ${rest}, may: { scopes: ["hr:*", "*"] } }
    - { issuer: b, jwks: b.json, ${rest} }
  introspection:
    - { url: "https://idp.example.com/introspect", issuer: a, clientId: g, clientSecret: "\${SECRET}", prefix: at_ }
    - { url: "http://127.0.0.1:9/introspect", issuer: c, audience: graph, ${secret}, jwt: true }
  apiKeys: { file: keys.yaml, header: X-Key }
  revoked: { file: /etc/revoked.yaml, reload: 1s }
  dpop: { url: "https://api.example.com/graphql" }
`;
  const directory = await writeFiles({ 'gateway.yaml': text });
  const { identity } = await loadConfig(join(directory, 'gateway.yaml'), { env: { SECRET: 's' } });
  expect(identity).toMatchObject({
    jwt: [
      { privateNetwork: true, may: { scopes: ['hr:*', '*'], roles: [] } },
      { jwks: join(directory, 'b.json'), may: undefined },
    ],
    introspection: [
      { clientSecret: 's', cacheMs: 30_000, timeoutMs: 3000, client: 'client_id', jwt: false },
      { audience: ['graph'], prefix: undefined, jwt: true },
    ],
    apiKeys: { file: join(directory, 'keys.yaml'), header: 'x-key', reloadMs: 5000 },
    revoked: { file: '/etc/revoked.yaml', reloadMs: 1000 },
    dpop: { url: 'https://api.example.com/graphql', maxAgeMs: 60_000 },
    anonymous: 'refuse',
  });
});
