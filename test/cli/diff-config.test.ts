/** Who is let in, and by whose word: settings of gateway.yaml that let more happen than before. */
import { describe, expect, test } from 'vitest';
import { access, bothWays, changed, compared, swap, testRows, withMore } from './diff-rig.ts';
import { type Files, people, peopleWith } from './run-command.ts';

const config = 'gateway.yaml';
const other =
  '{ issuer: "https://other.example.com", audience: graph, jwks: keys.json, algorithms: [ES256] }';
const withConfig = (text: string): Files =>
  peopleWith({ [config]: (before) => `${before}${text}` });

describe('gateway.yaml', () => {
  testRows([
    ...bothWays(
      'introspection for everyone',
      [people, withConfig('introspection: everyone\n')],
      ['introspection', 'authenticated', 'everyone'],
    ),
    ...bothWays(
      'introspection for some',
      [withConfig('introspection: nobody\n'), people],
      ['introspection', 'nobody', 'authenticated'],
    ),
    ...bothWays(
      'longer batches',
      [people, withConfig('batch: { max: 20 }\n')],
      ['batch.max', '10', '20'],
    ),
    ...bothWays(
      'any host',
      [withConfig('listen: { hosts: [a.example] }\n'), people],
      ['listen.hosts', 'a.example', 'any'],
    ),
    ...bothWays(
      'a ceiling that is gone',
      [
        changed(config, [
          'algorithms: [ES256]',
          'algorithms: [ES256], may: { scopes: [a], roles: [] }',
        ]),
        changed(config, [
          'algorithms: [ES256]',
          'algorithms: [ES256], may: { scopes: [a, b], roles: [] }',
        ]),
      ],
      ['identity.jwt[https://idp.example.com].may.scopes', 'nothing', 'b'],
    ),
    ...bothWays(
      'an audience more',
      [people, changed(config, ['audience: graph', 'audience: [graph, other]'])],
      ['identity.jwt[https://idp.example.com].audience', 'nothing', 'other'],
    ),
    ...bothWays(
      'an algorithm more',
      [people, changed(config, ['[ES256]', '[ES256, RS256]'])],
      ['identity.jwt[https://idp.example.com].algorithms', 'nothing', 'RS256'],
    ),
    ...bothWays(
      'longer after its end',
      [people, changed(config, ['algorithms: [ES256]', 'algorithms: [ES256], leeway: 60s'])],
      ['identity.jwt[https://idp.example.com].leeway', '5s', '1m'],
    ),
    ...bothWays(
      'an issuer more',
      [people, changed(config, ['algorithms: [ES256] }', `algorithms: [ES256] }\n    - ${other}`])],
      ['identity.jwt[https://other.example.com]', 'nothing', 'https://other.example.com'],
    ),
    ...bothWays(
      'API keys',
      [people, changed(config, ['identity:\n', 'identity:\n  apiKeys: { file: keys.yaml }\n'])],
      ['identity.apiKeys', 'nothing', 'x-api-key'],
    ),
    ...bothWays(
      'no revocations any more',
      [changed(config, ['identity:\n', 'identity:\n  revoked: { file: revoked.yaml }\n']), people],
      ['identity.revoked', 'revoked.file', 'nothing'],
    ),
    ...bothWays(
      'another origin',
      [people, withConfig('listen: { cors: { origins: ["https://a.example"] } }\n')],
      ['listen.cors.origins', 'nothing', 'https://a.example'],
    ),
    {
      name: 'roles from another claim',
      files: changed(config, ['algorithms: [ES256]', 'algorithms: [ES256], roles: groups']),
      lines: ['widens identity.jwt[https://idp.example.com].roles: roles, now groups'],
    },
    {
      name: 'a header that an upstream is not sent any more',
      files: changed(config, ['headers: { x-tenant: "{claims.tenant}" }', 'headers: {}']),
      lines: ['widens upstreams.people.headers: x-tenant, now nothing'],
    },
    {
      name: 'a header more, whose value is not said',
      base: changed(config, ['headers: { x-tenant: "{claims.tenant}" }', 'headers: {}']),
      files: people,
      lines: ['widens upstreams.people.headers.x-tenant: nothing, now a value'],
    },
    {
      name: 'one with another value, which is not said',
      files: changed(config, ['{claims.tenant}', 'secret']),
      lines: ['widens upstreams.people.headers.x-tenant: one value, now another'],
    },
    {
      name: 'other keys',
      files: changed(config, ['keys.json', 'others.json']),
      lines: ['widens identity.jwt[https://idp.example.com].keys: keys.json, now others.json'],
    },
    {
      name: 'strangers let in, where nothing is for everyone',
      files: changed(config, ['identity:\n', 'identity:\n  anonymous: allow\n']),
      lines: ['widens identity.anonymous: refuse, now allow'],
    },
    {
      name: 'strangers let in, and what they get',
      base: withMore('{ name: more, fields: { Query: [peopleById] }, allow: everyone }'),
      files: peopleWith({
        [config]: (text) => swap(text, [['identity:\n', 'identity:\n  anonymous: allow\n']]),
        [access]: (text) =>
          `${text}  - { name: more, fields: { Query: [peopleById] }, allow: everyone }\n`,
      }),
      lines: [
        'widens identity.anonymous: refuse, now allow',
        'widens Query.peopleById: deny, now allow for anonymous',
      ],
    },
  ]);
});

const withPay = (text: string): Files =>
  changed(config, [
    'pay: { graphql: pay.graphql, url: "http://127.0.0.1:1"',
    `pay: { graphql: pay.graphql, url: "http://127.0.0.1:1", ${text}`,
  ]);

describe('where upstreams are, and what reaches them', () => {
  const oauth = (tokenUrl: string) =>
    withPay(`oauth: { tokenUrl: "${tokenUrl}", clientId: a, clientSecret: b }`);
  testRows([
    ...bothWays(
      'headers of callers',
      [people, withPay('forward: [x-session]')],
      ['upstreams.pay.forward', 'nothing', 'x-session'],
    ),
    ...bothWays(
      'private networks',
      [people, withPay('privateNetwork: true')],
      ['upstreams.pay.privateNetwork', 'false', 'true'],
    ),
    {
      name: 'elsewhere',
      files: changed(config, ['"http://127.0.0.1:1"', '"http://127.0.0.1:2"']),
      lines: ['widens upstreams.pay.url: http://127.0.0.1:1, now http://127.0.0.1:2'],
    },
    {
      name: 'a secret for somebody else',
      base: oauth('https://idp.example.com/token'),
      files: oauth('https://other.example.com/token'),
      lines: [
        'widens upstreams.pay.oauth.tokenUrl: https://idp.example.com/token, now https://other.example.com/token',
      ],
    },
  ]);
});

/** The same upstream under another name, which is sent no tenant. */
const renamed = peopleWith({
  [config]: (text) =>
    swap(text, [
      ['  people:\n    openapi', '  staff:\n    openapi'],
      ['    people: { field: person', '    staff: { field: person'],
      ['upstream: people', 'upstream: staff'],
      ['headers: { x-tenant: "{claims.tenant}" }', 'headers: {}'],
    ]),
});
const everyone = (text: string) =>
  swap(text, [
    [
      '  /people/{person-id}:\n',
      `${listOf(text).replace('/people', '/everyone')}  /people/{person-id}:\n`,
    ],
  ]);
const listOf = (text: string) => text.slice(text.indexOf('  /people:'), text.indexOf('  /people/'));

describe('what upstreams are asked for', () => {
  test('an upstream of another name is a new one', async () => {
    const { lines, code } = await compared(people, renamed);
    expect(code).toBe(1);
    expect(lines).toContain('widens upstreams.staff: nothing, now http://127.0.0.1:1');
    expect(lines).toContain('narrows upstreams.people: http://127.0.0.1:1, now nothing');
  });
  testRows([
    {
      name: 'another call behind a root field',
      base: peopleWith({ 'people.yaml': everyone }),
      files: peopleWith({
        'people.yaml': everyone,
        [config]: (text) =>
          swap(text, [['Query.people: GET /people', 'Query.people: GET /everyone']]),
      }),
      lines: ['widens source of Query.people: people: GET /people, now people: GET /everyone'],
    },
    {
      name: 'a join by another field',
      base: changed('pay.graphql', [
        '  accounts(',
        '  anyById(ids: [ID!]!): [Person]!\n  accounts(',
      ]),
      files: peopleWith({
        'pay.graphql': (text) =>
          swap(text, [['  accounts(', '  anyById(ids: [ID!]!): [Person]!\n  accounts(']]),
        [config]: (text) => swap(text, [['field: peopleById', 'field: anyById']]),
      }),
      lines: [
        'widens joins.Person: {"key":"id","upstreams":{"people":{"field":"person","argument":"personId","batch":false},"pay":{"field":"peopleById","argument":"ids","batch":true}}}, now {"key":"id","upstreams":{"people":{"field":"person","argument":"personId","batch":false},"pay":{"field":"anyById","argument":"ids","batch":true}}}',
      ],
    },
    {
      name: 'a link by another field',
      files: changed(config, ['from: bossId', 'from: id']),
      lines: [
        'widens links.Person.boss: {"upstream":"people","field":"person","argument":"personId","from":"bossId","batch":false}, now {"upstream":"people","field":"person","argument":"personId","from":"id","batch":false}',
      ],
    },
  ]);
});

describe('who can connect', () => {
  testRows([
    ...bothWays(
      'an open port',
      [people, withConfig('listen: { host: 0.0.0.0 }\n')],
      ['listen.host', '127.0.0.1', '0.0.0.0'],
    ),
    ...bothWays(
      'an open admin port',
      [people, withConfig('admin: { host: 0.0.0.0 }\n')],
      ['admin.host', '127.0.0.1', '0.0.0.0'],
    ),
    ...bothWays(
      'no TLS',
      [withConfig('listen: { tls: { cert: a.pem, key: b.pem } }\n'), people],
      ['listen.tls', 'TLS', 'plain HTTP'],
    ),
  ]);
});

describe('credentials', () => {
  const identity = (text: string): Files =>
    changed(config, ['identity:\n', `identity:\n  ${text}\n`]);
  testRows([
    ...bothWays(
      'proofs that are taken for longer',
      [
        identity('dpop: { url: "https://a.example/" }'),
        identity('dpop: { url: "https://a.example/", maxAge: 5m }'),
      ],
      ['identity.dpop.maxAge', '1m', '5m'],
    ),
    ...bothWays(
      'tokens that are bound to a key',
      [people, identity('dpop: { url: "https://a.example/" }')],
      ['identity.dpop', 'nothing', 'dpop.url'],
    ),
    ...bothWays(
      'revocations that are read later',
      [identity('revoked: { file: r.yaml }'), identity('revoked: { file: r.yaml, reload: 5m }')],
      ['identity.revoked.reload', '5s', '5m'],
    ),
    ...bothWays(
      'an introspected token that is believed for longer',
      ['30s', '5m'].map((cache) =>
        identity(
          `introspection: [{ url: "https://i.example/", issuer: i, clientId: a, clientSecret: b, cache: ${cache} }]`,
        ),
      ) as [Files, Files],
      ['identity.introspection[i].cache', '30s', '5m'],
    ),
    {
      name: 'another file of keys',
      base: identity('apiKeys: { file: keys.yaml }'),
      files: identity('apiKeys: { file: others.yaml }'),
      lines: ['widens identity.apiKeys.file: keys.yaml, now others.yaml'],
    },
  ]);
});

describe('what is told elsewhere', () => {
  const webhook = (text: string): Files =>
    withConfig(`alerts: { webhooks: [{ name: a, format: slack, url: "https://${text} }] }\n`);
  const signed = (secret: string): Files =>
    withConfig(
      `alerts: { webhooks: [{ name: a, format: standard, url: "https://a.example/", secret: "whsec_${Buffer.alloc(32, secret).toString('base64')}" }] }\n`,
    );
  testRows([
    ...bothWays(
      'an alert that reaches nobody',
      [webhook('a.example/"'), people],
      ['alerts.webhooks[a]', 'slack', 'nothing'],
    ),
    ...bothWays(
      'fewer alerts',
      [webhook('a.example/"'), webhook('a.example/", minSeverity: high')],
      ['alerts.webhooks[a].minSeverity', 'informational', 'high'],
    ),
    ...bothWays(
      'more in an alert',
      [webhook('a.example/"'), webhook('a.example/", include: [caller]')],
      ['alerts.webhooks[a].include', 'nothing', 'caller'],
    ),
    ...bothWays(
      'alerts into a private network',
      [webhook('a.example/"'), webhook('a.example/", privateNetwork: true')],
      ['alerts.webhooks[a].privateNetwork', 'false', 'true'],
    ),
    {
      name: 'alerts signed by another secret, which is not said',
      base: signed('eleven'),
      files: signed('twelve'),
      lines: ['widens alerts.webhooks[a].secret: one secret, now another'],
    },
    {
      name: 'alerts in another form',
      base: webhook('a.example/"'),
      files: signed('eleven'),
      lines: ['widens alerts.webhooks[a].format: slack, now standard'],
    },
    {
      name: 'alerts for somebody else, of which the URL is not said',
      base: webhook('a.example/"'),
      files: webhook('b.example/"'),
      lines: ['widens alerts.webhooks[a].url: one URL, now another'],
    },
    {
      name: 'another collector',
      files: withConfig('telemetry: { otlp: "https://otlp.example" }\n'),
      lines: ['widens telemetry.otlp: nothing, now https://otlp.example'],
    },
    ...bothWays(
      'counts of each process where the store is down',
      [
        withConfig('store: redis://127.0.0.1:1\nonStoreDown: refuse\n'),
        withConfig('store: redis://127.0.0.1:1\nonStoreDown: local\ninstances: 2\n'),
      ],
      ['onStoreDown', 'refuse', 'local'],
    ),
  ]);
});

describe('the audit trail', () => {
  const kept = (text: string): Files => withConfig(`audit: { directory: audit${text} }\n`);
  testRows([
    ...bothWays('none', [kept(''), people], ['audit', 'kept', 'not kept']),
    ...bothWays(
      'less durable',
      [kept(', durability: strict'), kept('')],
      ['audit.durability', 'strict', 'batch'],
    ),
    ...bothWays(
      'gone sooner',
      [kept(''), kept(', retention: 1h')],
      ['audit.retention', 'forever', '1h'],
    ),
    ...bothWays(
      'gone sooner than after a while',
      [kept(', retention: 2h'), kept(', retention: 1h')],
      ['audit.retention', '2h', '1h'],
    ),
    ...bothWays(
      'of nobody',
      [kept(', subjects: { Person: id }'), kept('')],
      ['audit.subjects', 'Person (Person by id)', 'nothing'],
    ),
    {
      name: 'elsewhere',
      base: kept(''),
      files: withConfig('audit: { directory: other }\n'),
      lines: [],
    },
  ]);
});
