/** `check`: keys and lists that have no effect beside what else is written. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Files, peopleWith, runCommand } from './run-command.ts';

async function check(files: Files) {
  const { code, stdout, directory } = await runCommand(['check', '--json'], files);
  expect(code).toBe(0);
  return {
    idle: JSON.parse(stdout).idle as { key: string; file?: string; line?: number }[],
    directory,
  };
}

/** Keys of gateway.yaml, after `version`. */
const withKeys = (text: string, more: Files = {}): Files => ({
  ...peopleWith({ 'gateway.yaml': (all) => all.replace('version: 1\n', `version: 1\n${text}\n`) }),
  ...more,
});

/** Keys below `identity`, where no tokens are. */
const keysAlone = 'identity: { apiKeys: { file: keys.yaml } }';
const withoutTokens = (identity: string, more = ''): Files => ({
  ...peopleWith({
    'gateway.yaml': (all) => `${all.slice(0, all.indexOf('identity:'))}${identity}\n${more}`,
  }),
});
const dpop = 'dpop: { url: https://api.example.com/graphql }';
const webhooks = 'alerts: { webhooks: [{ url: https://hooks.example.com/x, format: slack }] }';
const detections = {
  'policies/detect/a.yaml':
    'version: 1\ndetections: [{ name: a, severity: low, match: { outcomes: refused } }]\n',
};
const masks = 'masks: { key: "0123456789abcdef0123456789abcdef" }';
const hashed = peopleWith({
  'gateway.yaml': (all) => all.replace('version: 1\n', `version: 1\n${masks}\n`),
  'policies/access/people.yaml': (all) => all.replace('mask: last4', 'mask: hash'),
});
const redis = 'store: redis://127.0.0.1:1\nonStoreDown:';

const cases: { name: string; files: Files; expect: string[] }[] = [
  { name: 'nothing', files: withKeys(''), expect: [] },
  {
    name: 'keys of a shared store beside none',
    files: withKeys(
      'store: memory\nonStoreDown: local\ninstances: 2\nstoreSecret: "0123456789abcdef"',
    ),
    expect: ['onStoreDown', 'instances', 'storeSecret'],
  },
  {
    name: 'a number of instances that nothing is shared among',
    files: withKeys(`${redis} refuse\ninstances: 2\nstoreSecret: "0123456789abcdef"`),
    expect: ['instances'],
  },
  {
    name: 'none of a shared store',
    files: withKeys(`${redis} local\ninstances: 2\nstoreSecret: "0123456789abcdef"`),
    expect: [],
  },
  {
    name: 'what is sent to no collector',
    files: withKeys(
      'telemetry: { otlp: "", headers: { x: y }, slowMs: 5, metricsIntervalMs: 1000, sampleRatio: 1, serviceName: a }',
    ),
    expect: ['telemetry.headers', 'telemetry.slowMs', 'telemetry.metricsIntervalMs'],
  },
  {
    name: 'none of a collector',
    files: withKeys('telemetry: { otlp: "http://127.0.0.1:1", headers: { x: y }, slowMs: 5 }'),
    expect: [],
  },
  { name: 'a key of masks without the mask', files: withKeys(masks), expect: ['masks.key'] },
  { name: 'none with the mask', files: hashed, expect: [] },
  {
    name: 'introspection by strangers who are not let in',
    files: withKeys('introspection: everyone'),
    expect: ['introspection'],
  },
  {
    name: 'none where they are',
    files: withoutTokens('identity: { anonymous: allow }', 'introspection: everyone\n'),
    expect: [],
  },
  {
    name: 'proofs of tokens, of which there are none',
    files: withoutTokens(`identity: { apiKeys: { file: keys.yaml }, ${dpop} }`),
    expect: ['identity.dpop'],
  },
  {
    name: 'certificates of tokens, of which there are none',
    files: withoutTokens(keysAlone, 'listen: { tls: { cert: a, key: b, clientCa: c } }\n'),
    expect: ['listen.tls.clientCa'],
  },
  {
    name: 'webhooks for alerts that nothing raises',
    files: withKeys(webhooks),
    expect: ['alerts.webhooks'],
  },
  { name: 'none with a detection', files: withKeys(webhooks, detections), expect: [] },
];
test.each(cases)('$name', async ({ files, expect: keys }) => {
  const { idle, directory } = await check(files);
  expect(idle.map(({ key }) => key)).toEqual(keys);
  for (const { file } of idle) expect(file).toBe(join(directory, 'gateway.yaml'));
});

const network = (text: string, more: Files = {}): Files => ({
  ...peopleWith({}),
  ...more,
  'policies/network/a.yaml': `version: 1\n${text}\n`,
  'policies/network/a.txt': '10.0.0.0/8\n',
});
const list = 'lists: { office: { file: a.txt } }';
const inRule = peopleWith({
  'policies/access/people.yaml': (all) =>
    `${all}  - { name: n, fields: { Person: [bossId] }, allow: { network: office } }\n`,
});
const networks: { name: string; files: Files; expect: string[] }[] = [
  { name: 'a list that nothing names', files: network(list), expect: ['lists.office'] },
  { name: 'none: denied', files: network(`${list}\ndeny: [office]`), expect: [] },
  { name: 'none: let in', files: network(`${list}\nallow: [office]`), expect: [] },
  {
    name: 'none: in shadow mode',
    files: network(`${list}\ndeny: [{ list: office, shadow: { until: ${nextMonth()} } }]`),
    expect: [],
  },
  { name: 'none: in a condition', files: network(list, inRule), expect: [] },
  {
    name: 'none: in a detection',
    files: network(list, {
      'policies/detect/a.yaml':
        'version: 1\ndetections: [{ name: a, severity: low, match: { networks: office } }]\n',
    }),
    expect: [],
  },
  {
    name: 'a header of proxies, of which none is trusted',
    files: network('trustedProxies: []\nheader: forwarded'),
    expect: ['header'],
  },
  {
    name: 'none with a proxy',
    files: network('trustedProxies: 1\nheader: forwarded'),
    expect: [],
  },
];
test.each(networks)('networks: $name', async ({ files, expect: keys }) => {
  expect((await check(files)).idle.map(({ key }) => key)).toEqual(keys);
});

test('each is a line with file and line, and is counted', async () => {
  const files = withKeys('store: memory\nonStoreDown: refuse');
  const { stdout, directory } = await runCommand(['check'], files);
  const place = `${join(directory, 'gateway.yaml')}:4`;
  expect(stdout).toContain(`onStoreDown (${place}): `);
  expect(stdout).toMatch(/^no-effect +onStoreDown /m);
  expect(stdout).toMatch(/, 1 without effect, /);
});

function nextMonth(): string {
  return new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
}
