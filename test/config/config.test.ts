/** What a right configuration comes to: defaults, places, types, and nothing that can change. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../gateway/config.ts';
import { nearest } from '../../gateway/files/nearest.ts';
import { parseDuration } from '../../gateway/time/duration.ts';
import { writeFiles } from '../support/config-files.ts';

const whole = `version: 1
listen:
  host: 0.0.0.0
  port: "\${PORT:-4000}"
  path: /api
  tls: { cert: tls/cert.pem, key: /etc/key.pem }
  hosts: [api.example.com, "2001:db8::1"]
  cors: { origins: [https://app.example.com, "http://localhost:3000"] }
admin: { host: "::1", port: 9000 }
upstreams:
  hris:
    openapi: subgraphs/hris/openapi.yaml
    url: \${HRIS_URL:-http://127.0.0.1:4101}
    operations:
      Query.employee: GET /employees/{id}
    headers:
      Authorization: "Bearer \${HRIS_TOKEN}"
      x-tenant-id: "{claims.tenant_id}"
      x-team: "{claims.https://idp.example.com/team}"
    forward: [Accept-Language]
    select: fields
    timeoutMs: \${TIMEOUT}
  payroll:
    graphql: subgraphs/payroll/schema.graphql
    url: http://127.0.0.1:4102/graphql
    operations: [Query.employeesById]
    connections: 8
joins:
  Employee:
    key: id
    hris: { field: employee, argument: id }
    payroll: { field: employeesById, argument: ids, batch: true }
links:
  Employee.manager: { upstream: hris, field: employee, argument: id, from: managerId }
identity:
  jwt:
    - issuer: https://idp.example.com
      audience: graph
      jwks: .demo/jwks.json
      algorithms: [ES256, EdDSA]
      roles: realm_access.roles
      leeway: 1m
policies: rules
introspection: nobody
store: memory
engine: reference
audit:
  directory: var/log
  durability: strict
  subjects: { Employee: id, Bank: { of: Employee, id: owner } }
  rotate: { bytes: 70000, after: 2h }
  checkpoint: { records: 100, every: 5s }
  retention: 400d
  signingKey: { env: AUDIT_KEY }
  subjectKeys: { file: keys/subjects.json }
masks: { key: "\${MASK_KEY:-a key of 32 characters and more!}" }
telemetry: { otlp: "\${OTLP_URL:-}", sampleRatio: 1 }
`;

async function load(text: string, env: Record<string, string> = {}) {
  const directory = await writeFiles({ 'gateway.yaml': text });
  return { directory, config: await loadConfig(join(directory, 'gateway.yaml'), { env }) };
}

test('reads every section', async () => {
  const { config, directory } = await load(whole, { HRIS_TOKEN: 't', TIMEOUT: '1500', PORT: '0' });
  const common = {
    responseBytesMax: 10_485_760,
    retries: { attempts: 1, budget: 0.1 },
    ca: undefined,
    mtls: undefined,
    oauth: undefined,
    privateNetwork: false,
  };
  expect(config).toEqual({
    file: join(directory, 'gateway.yaml'),
    listen: {
      host: '0.0.0.0',
      port: 0,
      path: '/api',
      tls: { cert: join(directory, 'tls/cert.pem'), key: '/etc/key.pem', clientCa: undefined },
      hosts: ['api.example.com', '2001:db8::1'],
      cors: { origins: ['https://app.example.com', 'http://localhost:3000'] },
    },
    admin: { host: '::1', port: 9000 },
    upstreams: [
      {
        ...common,
        name: 'hris',
        kind: 'openapi',
        file: join(directory, 'subgraphs/hris/openapi.yaml'),
        url: 'http://127.0.0.1:4101',
        operations: { 'Query.employee': 'GET /employees/{id}' },
        headers: {
          authorization: 'Bearer t',
          'x-tenant-id': '{claims.tenant_id}',
          'x-team': '{claims.https://idp.example.com/team}',
        },
        forward: ['accept-language'],
        select: { parameter: 'fields', nested: 'top' },
        timeoutMs: 1500,
        connections: 64,
      },
      {
        ...common,
        name: 'payroll',
        kind: 'graphql',
        file: join(directory, 'subgraphs/payroll/schema.graphql'),
        url: 'http://127.0.0.1:4102/graphql',
        operations: ['Query.employeesById'],
        prefix: undefined,
        headers: {},
        forward: [],
        timeoutMs: 3000,
        connections: 8,
      },
    ],
    joins: {
      Employee: {
        key: 'id',
        upstreams: {
          hris: { field: 'employee', argument: 'id', batch: false },
          payroll: { field: 'employeesById', argument: 'ids', batch: true },
        },
      },
    },
    links: {
      'Employee.manager': {
        upstream: 'hris',
        field: 'employee',
        argument: 'id',
        from: 'managerId',
        batch: false,
      },
    },
    identity: {
      jwt: [
        {
          issuer: 'https://idp.example.com',
          audience: ['graph'],
          jwks: join(directory, '.demo/jwks.json'),
          algorithms: ['ES256', 'EdDSA'],
          scopes: 'scope',
          roles: 'realm_access.roles',
          client: 'azp',
          leewayMs: 60_000,
          may: undefined,
          privateNetwork: false,
        },
      ],
      introspection: [],
      apiKeys: undefined,
      revoked: undefined,
      dpop: undefined,
      anonymous: 'refuse',
    },
    policies: join(directory, 'rules'),
    introspection: 'nobody',
    masks: { key: 'a key of 32 characters and more!' },
    store: { urls: 'memory', onStoreDown: undefined, instances: undefined, secret: undefined },
    batch: { max: 10 },
    engine: 'reference',
    audit: {
      directory: join(directory, 'var/log'),
      durability: 'strict',
      onFull: 'refuse-classified',
      subjects: { Employee: { of: 'Employee', id: 'id' }, Bank: { of: 'Employee', id: 'owner' } },
      rotate: { bytes: 70_000, afterMs: 7_200_000 },
      checkpoint: { records: 100, everyMs: 5_000 },
      retentionMs: 400 * 86_400_000,
      signingKey: { env: 'AUDIT_KEY' },
      subjectKeys: { file: join(directory, 'keys/subjects.json') },
    },
    alerts: { webhooks: [] },
    telemetry: {
      otlp: '',
      headers: {},
      sampleRatio: 1,
      slowMs: 2_000,
      metricsIntervalMs: 60_000,
      serviceName: 'fieldgate',
      hashKey: undefined,
    },
  });
});

const least = `version: 1
upstreams: { a: { graphql: a.graphql, url: "http://a" } }
identity: { anonymous: allow }
`;

test('a number from the environment may be a fraction', async () => {
  const given = `${least}telemetry: { sampleRatio: "\${RATIO:-0.25}" }\n`;
  const { config } = await load(given);
  expect(config.telemetry.sampleRatio).toBe(0.25);
});

test('fills in the defaults', async () => {
  const { config, directory } = await load(least);
  expect(config).toMatchObject({
    listen: { host: '127.0.0.1', port: 4000, path: '/graphql', hosts: undefined, cors: undefined },
    admin: { host: '127.0.0.1', port: 4001 },
    joins: {},
    links: {},
    identity: { jwt: [], introspection: [], apiKeys: undefined, anonymous: 'allow' },
    policies: join(directory, 'policies'),
    introspection: 'authenticated',
    masks: { key: undefined },
  });
});

test('keys may come from https, or from a loopback address', async () => {
  for (const jwks of [
    'https://idp.example.com/jwks.json?v=1',
    'http://127.0.0.1:9/jwks',
    'http://[::1]/k',
  ]) {
    const text = whole.replace('.demo/jwks.json', `"${jwks}"`);
    const { config } = await load(text, { HRIS_TOKEN: 't', TIMEOUT: '1' });
    expect(config.identity.jwt[0]?.jwks).toBe(jwks);
  }
});

test('is frozen all the way down', async () => {
  const { config } = await load(whole, { HRIS_TOKEN: 't', TIMEOUT: '1' });
  const thawed: string[] = [];
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null) return;
    if (!Object.isFrozen(value)) thawed.push(path);
    for (const [key, part] of Object.entries(value)) visit(part, `${path}.${key}`);
  };
  visit(config, 'config');
  expect(thawed).toEqual([]);
});

test.each([
  { given: '500ms', expect: 500 },
  { given: '5s', expect: 5_000 },
  { given: '1m', expect: 60_000 },
  { given: '2h', expect: 7_200_000 },
  { given: '30d', expect: 2_592_000_000 },
  { given: '0s', expect: 0 },
  { given: '5', expect: undefined },
  { given: '5 s', expect: undefined },
  { given: '-5s', expect: undefined },
  { given: '1.5h', expect: undefined },
  { given: '05s', expect: undefined },
  { given: '5w', expect: undefined },
])('the duration $given', ({ given, expect: ms }) => {
  expect(parseDuration(given)).toBe(ms);
});

test.each([
  { given: 'timeoutMS', expect: 'timeoutMs' },
  { given: 'forwrad', expect: 'forward' },
  { given: 'zzz', expect: undefined },
  { given: '<<', expect: undefined },
])('the name meant by $given', ({ given, expect: name }) => {
  expect(nearest(given, ['timeoutMs', 'forward', 'headers', 'ca'])).toBe(name);
});
