/** Wrong configuration files: each problem is found, all at once, at its line and column. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the cases are references as operators write them
// biome-ignore-all lint/security/noSecrets: paths and numbers, no secrets
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../gateway/config.ts';
import { neverForwarded } from '../delegate/never-forwarded.ts';
import { problemsOf, readMarks, writeFiles } from '../support/config-files.ts';

const version = 'version: 1\n';
const upstreams = `upstreams:
  hris:
    openapi: hris.yaml
    url: http://127.0.0.1:1
    operations: reads
`;
const identity = 'identity: { anonymous: allow }\n';
const base = version + upstreams + identity;
const inUpstream = (lines: string) => `${version}${upstreams}${lines}${identity}`;
const graphql = (lines: string) =>
  `${version}upstreams:\n  payroll:\n    graphql: a.graphql\n${lines}${identity}`;
const jwt = (change: { [key: string]: string } = {}) => {
  const keys = {
    issuer: 'https://idp.example.com',
    audience: 'graph',
    jwks: 'keys.json',
    algorithms: '[ES256]',
    ...change,
  };
  const lines = Object.entries(keys).map(([key, value]) => `      ${key}: ${value}\n`);
  return `${version}${upstreams}identity:\n  jwt:\n    -\n${lines.join('')}`;
};

interface Case {
  name: string;
  given: string;
  /** Code and path per problem, in the order of the marks. */
  expect: [code: string, path: string][];
}

const cases: Case[] = [
  {
    name: 'an unknown key',
    given: `${base}▸retry: 1\n`,
    expect: [['unknown-key', 'retry']],
  },
  {
    name: 'a console where nobody can come to it',
    given: `${base}admin: { host: 192.0.2.2, console: ▸true }\n`,
    expect: [['conflict', 'admin.console']],
  },
  {
    name: 'a misspelt key deep down',
    given: inUpstream('    ▸timeoutMS: 5\n'),
    expect: [['unknown-key', 'upstreams.hris.timeoutMS']],
  },
  {
    name: 'a missing version',
    given: `▸${upstreams}${identity}`,
    expect: [['missing-key', 'version']],
  },
  {
    name: 'another version',
    given: `version: ▸2\n${upstreams}${identity}`,
    expect: [['wrong-value', 'version']],
  },
  {
    name: 'no upstream at all',
    given: `${version}▸upstreams: {}\n${identity}`,
    expect: [['empty', 'upstreams']],
  },
  {
    name: 'an upstream without a form',
    given: `${version}upstreams:\n  ▸hris:\n    url: http://127.0.0.1:1\n${identity}`,
    expect: [['conflict', 'upstreams.hris']],
  },
  {
    name: 'an upstream of both forms',
    given: `${version}upstreams:\n  ▸a: { openapi: a, graphql: b, url: "http://a", operations: all }\n${identity}`,
    expect: [['conflict', 'upstreams.a']],
  },
  {
    name: 'an OpenAPI upstream whose operations are not named',
    given: `${version}upstreams:\n  ▸a: { openapi: a, url: "http://a" }\n${identity}`,
    expect: [['missing-key', 'upstreams.a.operations']],
  },
  {
    name: 'a list of operations for an OpenAPI upstream',
    given: `${version}upstreams:\n  a: { openapi: a, url: "http://a", operations: ▸[Query.a] }\n${identity}`,
    expect: [['wrong-type', 'upstreams.a.operations']],
  },
  {
    name: 'a map of operations for a GraphQL upstream',
    given: graphql('    url: http://a\n    operations: ▸{ Query.a: GET /a }\n'),
    expect: [['wrong-type', 'upstreams.payroll.operations']],
  },
  {
    name: 'an operation that is no method and path',
    given: `${version}upstreams:\n  a: { openapi: a, url: "http://a", operations: { Query.a: ▸FETCH /a } }\n${identity}`,
    expect: [['wrong-format', 'upstreams.a.operations["Query.a"]']],
  },
  {
    name: 'an operation that is no root field',
    given: `${version}upstreams:\n  a: { openapi: a, url: "http://a", operations: { ▸Employee.a: GET /a } }\n${identity}`,
    expect: [['wrong-name', 'upstreams.a.operations["Employee.a"]']],
  },
  ...['http://api.example.com/a.yaml', 'https://u:p@a/a.yaml', 'ftp://a/a.yaml', 'file:///a'].map(
    (url): Case => ({
      name: `the document ${url}`,
      given: `${version}upstreams:\n  a: { openapi: ▸"${url}", url: "http://a", operations: all }\n${identity}`,
      expect: [['unsafe-url', 'upstreams.a.openapi']],
    }),
  ),
  {
    name: 'a fieldset parameter without a name',
    given: inUpstream('    ▸select: { in: data }\n'),
    expect: [['missing-key', 'upstreams.hris.select.parameter']],
  },
  {
    name: 'a fieldset parameter of a GraphQL upstream',
    given: graphql('    url: http://a\n    select: ▸fields\n'),
    expect: [['conflict', 'upstreams.payroll.select']],
  },
  {
    name: 'an upstream named like the word of joins',
    given: `${version}upstreams:\n  ▸key: { openapi: a, url: "http://a", operations: all }\n${identity}`,
    expect: [['wrong-name', 'upstreams.key']],
  },
  ...['ftp://a', 'http://u:p@a', 'http://a?b=1', 'http://a/#b', '/relative', 'http://a\\b'].map(
    (url): Case => ({
      name: `the upstream URL ${url}`,
      given: graphql(`    url: ▸'${url}'\n`),
      expect: [['unsafe-url', 'upstreams.payroll.url']],
    }),
  ),
  ...neverForwarded.map(
    (name): Case => ({
      name: `forwarding ${name}`,
      given: inUpstream(`    forward: [accept-language, ▸${name}]\n`),
      expect: [['forbidden-header', 'upstreams.hris.forward[1]']],
    }),
  ),
  {
    name: 'setting headers of the connection',
    given: inUpstream('    headers: { ▸transfer-encoding: chunked, ▸http2-settings: a }\n'),
    expect: [
      ['forbidden-header', 'upstreams.hris.headers.transfer-encoding'],
      ['forbidden-header', 'upstreams.hris.headers.http2-settings'],
    ],
  },
  {
    name: 'a header that is both owed and forwarded',
    given: inUpstream('    headers: { x-tenant: a }\n    forward: [▸X-Tenant]\n'),
    expect: [['conflict', 'upstreams.hris.forward[0]']],
  },
  {
    name: 'a header value with a line break',
    given: inUpstream('    headers: { x-a: ▸"a\\nb" }\n'),
    expect: [['wrong-format', 'upstreams.hris.headers.x-a']],
  },
  {
    name: 'a misspelt placeholder',
    given: inUpstream('    headers: { x-a: ▸"{claim.tenant}" }\n'),
    expect: [['wrong-format', 'upstreams.hris.headers.x-a']],
  },
  {
    name: 'a time as text',
    given: inUpstream('    timeoutMs: ▸3s\n'),
    expect: [['wrong-type', 'upstreams.hris.timeoutMs']],
  },
  {
    name: 'a value left out',
    given: inUpstream('    ▸timeoutMs:\n'),
    expect: [['wrong-type', 'upstreams.hris.timeoutMs']],
  },
  {
    name: 'no time at all',
    given: inUpstream('    timeoutMs: ▸0\n'),
    expect: [['out-of-range', 'upstreams.hris.timeoutMs']],
  },
  {
    name: 'a port that is none',
    given: `${base}listen: { port: ▸70000 }\n`,
    expect: [['out-of-range', 'listen.port']],
  },
  {
    name: 'both servers on one port',
    given: `${base}admin: { port: ▸4000 }\n`,
    expect: [['conflict', 'admin.port']],
  },
  {
    name: 'TLS without a key',
    given: `${base}listen: { ▸tls: { cert: a.pem } }\n`,
    expect: [['missing-key', 'listen.tls.key']],
  },
  ...['"*"', '"null"', 'https://a.example.com/', '"https://*.example.com"', '"not a url"'].map(
    (origin): Case => ({
      name: `the CORS origin ${origin}`,
      given: `${base}listen: { cors: { origins: [▸${origin}] } }\n`,
      expect: [['wrong-format', 'listen.cors.origins[0]']],
    }),
  ),
  ...[
    '"*.example.com"',
    'https://api.example.com',
    '"api.example.com:8443"',
    '"10.1.2.3:4000"',
    '"cafe:80"',
    '"[::1]"',
  ].map(
    (host): Case => ({
      name: `the host ${host}`,
      given: `${base}listen: { hosts: [▸${host}] }\n`,
      expect: [['wrong-format', 'listen.hosts[0]']],
    }),
  ),
  {
    name: 'a join with an unknown upstream',
    given: `${base}joins: { Employee: { key: id, ▸hri: { field: a, argument: b } } }\n`,
    expect: [['unknown-name', 'joins.Employee.hri']],
  },
  {
    name: 'a join without a key',
    given: `${base}joins: { ▸Employee: { hris: { field: a, argument: b } } }\n`,
    expect: [['missing-key', 'joins.Employee.key']],
  },
  {
    name: 'a join of nothing',
    given: `${base}joins: { ▸Employee: { key: id } }\n`,
    expect: [['empty', 'joins.Employee']],
  },
  {
    name: 'a link with an unknown upstream',
    given: `${base}links: { A.b: { upstream: ▸payroll, field: a, argument: b, from: c } }\n`,
    expect: [['unknown-name', 'links["A.b"].upstream']],
  },
  {
    name: 'a link that is no coordinate',
    given: `${base}links: { ▸manager: { upstream: hris, field: a, argument: b, from: c } }\n`,
    expect: [['wrong-name', 'links.manager']],
  },
  {
    name: 'no identity',
    given: `▸${version}${upstreams}`,
    expect: [['missing-key', 'identity']],
  },
  {
    name: 'nobody who could come in',
    given: `${version}${upstreams}▸identity: { anonymous: refuse }\n`,
    expect: [['missing-key', 'identity.jwt']],
  },
  {
    name: 'an empty list of issuers',
    given: `${version}${upstreams}identity: { jwt: ▸[] }\n`,
    expect: [['empty', 'identity.jwt']],
  },
  ...['none', 'NONE', 'HS256', 'hs512'].map(
    (algorithm): Case => ({
      name: `the algorithm ${algorithm}`,
      given: jwt({ algorithms: `[ES256, ▸${algorithm}]` }),
      expect: [['unsafe-algorithm', 'identity.jwt[0].algorithms[1]']],
    }),
  ),
  {
    name: 'an algorithm nobody knows',
    given: jwt({ algorithms: '[▸ES265]' }),
    expect: [['wrong-value', 'identity.jwt[0].algorithms[0]']],
  },
  {
    name: 'no algorithm',
    given: jwt({ algorithms: '▸[]' }),
    expect: [['empty', 'identity.jwt[0].algorithms']],
  },
  {
    name: 'no audience',
    given: jwt({ audience: '▸[]' }),
    expect: [['empty', 'identity.jwt[0].audience']],
  },
  {
    name: 'an empty audience in the list',
    given: jwt({ audience: '[graph, ▸""]' }),
    expect: [['wrong-format', 'identity.jwt[0].audience[1]']],
  },
  ...[
    'http://idp.example.com/keys',
    'http://127.0.0.1.example.com/',
    'file:///keys',
    'https://a:b@c',
  ].map(
    (jwks): Case => ({
      name: `keys from ${jwks}`,
      given: jwt({ jwks: `▸${jwks}` }),
      expect: [['unsafe-url', 'identity.jwt[0].jwks']],
    }),
  ),
  {
    name: 'too much leeway',
    given: jwt({ leeway: '▸2m' }),
    expect: [['out-of-range', 'identity.jwt[0].leeway']],
  },
  {
    name: 'leeway without a unit',
    given: jwt({ leeway: '▸"5"' }),
    expect: [['wrong-format', 'identity.jwt[0].leeway']],
  },
  {
    name: 'a shared store without a word on what to do without it',
    given: `${base}▸store: redis://127.0.0.1\n`,
    expect: [['missing-key', 'store']],
  },
  {
    name: 'counting alone without a share',
    given: `${base}store: redis://127.0.0.1\nonStoreDown: ▸local\n`,
    expect: [['missing-key', 'onStoreDown']],
  },
  {
    name: 'telemetry by gRPC, and more than all traces',
    given: `${base}telemetry: { otlp: ▸"grpc://127.0.0.1:4317", sampleRatio: ▸1.5 }\n`,
    expect: [
      ['unsafe-url', 'telemetry.otlp'],
      ['out-of-range', 'telemetry.sampleRatio'],
    ],
  },
  {
    name: 'a collector with its password in the URL',
    given: `${base}telemetry: { otlp: ▸"https://me:secret@collector.example.com" }\n`,
    expect: [['unsafe-url', 'telemetry.otlp']],
  },
  {
    name: 'a collector with the path of one signal',
    given: `${base}telemetry: { otlp: ▸"http://127.0.0.1:4318/v1/traces" }\n`,
    expect: [['unsafe-url', 'telemetry.otlp']],
  },
  {
    name: 'headers of telemetry that cannot be',
    given: `${base}telemetry: { headers: { ▸"a b": x, ▸content-type: x, x-key: ▸"a\\nb" } }\n`,
    expect: [
      ['wrong-name', 'telemetry.headers["a b"]'],
      ['forbidden-header', 'telemetry.headers.content-type'],
      ['wrong-format', 'telemetry.headers.x-key'],
    ],
  },
  {
    name: 'telemetry too often, and with a key too short',
    given: `${base}telemetry: { metricsIntervalMs: ▸10, slowMs: ▸0, hashKey: ▸short, ▸interval: 1 }\n`,
    expect: [
      ['out-of-range', 'telemetry.metricsIntervalMs'],
      ['out-of-range', 'telemetry.slowMs'],
      ['out-of-range', 'telemetry.hashKey'],
      ['unknown-key', 'telemetry.interval'],
    ],
  },
  {
    name: 'an audit log that answers everything although it cannot be written',
    given: `${base}audit: { onFull: ▸allow-all }\n`,
    expect: [['wrong-value', 'audit.onFull']],
  },
  ...['" "', '"var/audit "', '" var/audit"'].map((path) => ({
    name: `an audit log in ${path}, as a variable with a blank would have it`,
    given: `${base}audit: { directory: ▸${path} }\n`,
    expect: [['wrong-format', 'audit.directory']] as [string, string][],
  })),
  {
    name: 'an audit log with a signing key from two places',
    given: `${base}audit: { signingKey: ▸{ file: a.pem, env: KEY } }\n`,
    expect: [['conflict', 'audit.signingKey']],
  },
  {
    name: 'an audit log with a subject that is no field',
    given: `${base}audit: { subjects: { Employee: ▸[id] } }\n`,
    expect: [['wrong-type', 'audit.subjects.Employee']],
  },
  {
    name: 'an audit log that signs once a day',
    given: `${base}audit: { checkpoint: { every: ▸1d } }\n`,
    expect: [['out-of-range', 'audit.checkpoint.every']],
  },
  {
    name: 'an audit log with an unknown key',
    given: `${base}audit: { ▸diretory: var }\n`,
    expect: [['unknown-key', 'audit.diretory']],
  },
  {
    name: 'introspection for whom',
    given: `${base}introspection: ▸always\n`,
    expect: [['wrong-value', 'introspection']],
  },
  {
    name: 'a missing variable, at the reference',
    given: inUpstream('    headers: { authorization: "Bearer ▸${UNSET}" }\n'),
    expect: [['missing-variable', 'upstreams.hris.headers.authorization']],
  },
  {
    name: 'a variable whose name only an object has',
    given: `${base}policies: ▸\${toString}\n`,
    expect: [['missing-variable', 'policies']],
  },
  {
    name: 'a reference that is none',
    given: `${base}policies: a▸\${A-b}\n`,
    expect: [['bad-variable', 'policies']],
  },
  {
    name: 'a number that is none, from the environment',
    given: `${base}listen: { port: ▸"\${WORD}" }\n`,
    expect: [['wrong-type', 'listen.port']],
  },
  {
    name: 'a variable cannot bring a reference of its own',
    given: graphql('    url: ▸${NESTED}\n'),
    expect: [['unsafe-url', 'upstreams.payroll.url']],
  },
  {
    name: 'everything at once, in the order of the file',
    given: `version: ▸3\nupstreams:\n  a:\n    graphql: a\n    url: ▸\${UNSET}\n    ▸later: 2\n    timeoutMs: ▸x\nidentity: { anonymous: ▸maybe }\njoins: { T: { key: id, ▸b: { field: c, argument: d } } }\n`,
    expect: [
      ['wrong-value', 'version'],
      ['missing-variable', 'upstreams.a.url'],
      ['unknown-key', 'upstreams.a.later'],
      ['wrong-type', 'upstreams.a.timeoutMs'],
      ['wrong-value', 'identity.anonymous'],
      ['unknown-name', 'joins.T.b'],
    ],
  },
];

const env = { WORD: 'many', NESTED: '${WORD}' };

test.each(cases)('refuses $name', async ({ given, expect: wanted }) => {
  const { places } = readMarks(given);
  expect(places).toHaveLength(wanted.length);
  const directory = await writeFiles({ 'gateway.yaml': given });
  const met = await problemsOf(() => loadConfig(join(directory, 'gateway.yaml'), { env }));
  expect(met).toEqual(wanted.map(([code, path], index) => ({ code, path, ...places[index] })));
});

test('the files that the cases change are right', async () => {
  for (const given of [base, jwt(), graphql('    url: http://a\n')]) {
    const directory = await writeFiles({ 'gateway.yaml': given });
    await expect(loadConfig(join(directory, 'gateway.yaml'), { env: {} })).resolves.toBeDefined();
  }
});
