/**
 * Detections of a served gateway, on real sockets: what is counted of real requests, what the audit
 * trail, the log, the metrics and a webhook are told, and who is named where.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Receiver, signingSecret, startReceiver } from '../support/alerts.ts';
import { auditLines } from '../support/audit-files.ts';
import { parsePrometheusText } from '../support/prometheus-text.ts';
import { until } from '../support/redis.ts';
import { type PlayedUpstream, playUpstream, serveFiles, smallFiles } from '../support/served.ts';
import { ask } from '../support/telemetry.ts';
import { audience, issuer, testKeys, tokenOf } from '../support/tokens.ts';

const access = `version: 1
rules:
  - { name: open, fields: { Query: [staff, person], Person: [id] }, allow: everyone }
  - { name: ids, class: government-id, fields: { Person: [ssn] }, allow: { scopes: [ssn] } }
  - { name: writes, fields: { Mutation: [rename] }, allow: { scopes: [write] } }
  - { name: names, fields: { Person: [name] }, allow: { scopes: [names] } }
`;
const detect = `version: 1
detections:
  - name: ids-in-bulk
    title: One caller reads many government ids
    severity: high
    match: { classes: government-id }
    counts: records
    per: caller
    count: 4
    window: 1h
  - { name: guessed, severity: medium, match: { reasons: identify/* }, per: address, count: 3, window: 5m }
  - { name: write, severity: critical, match: { denied: Mutation.rename }, per: address }
  - { name: probed, severity: low, match: { denied: Person.* }, distinct: coordinates, per: caller, count: 2, window: 1h }
`;

const patienceMs = 25_000;
let upstream: PlayedUpstream;
let receiver: Receiver;
let gateway: Awaited<ReturnType<typeof serveFiles>>;

async function start(webhook = ''): Promise<void> {
  const keys = await testKeys();
  const files = smallFiles(upstream.url);
  gateway = await serveFiles({
    ...files,
    'gateway.yaml': `${files['gateway.yaml']?.replace(
      'identity: { anonymous: allow }',
      `identity:
  anonymous: allow
  jwt: [{ issuer: "${issuer}", audience: ${audience}, jwks: keys.json, algorithms: [ES256], client: azp }]`,
    )}audit: { directory: audit, subjects: { Person: id } }
alerts:
  webhooks:
    - { name: soc, url: "${receiver.url}", format: standard, secret: ${signingSecret} ${webhook} }
`,
    'keys.json': keys.text,
    'policies/access/staff.yaml': access,
    'policies/detect/all.yaml': detect,
  });
}

beforeEach(async () => {
  upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        data: {
          staff: [1, 2].map((id) => ({ id, fgs_id: id, ssn: `900-11-111${id}`, name: 'Ada' })),
        },
      }),
    );
  });
  receiver = await startReceiver();
});
afterEach(async () => {
  await gateway.close();
  await upstream.close();
  await receiver[Symbol.asyncDispose]();
});

const bearer = async (subject: string) => ({
  authorization: `Bearer ${await tokenOf({ subject, client: 'the-portal', scopes: ['ssn'] })}`,
});
const query = '{ staff { id ssn } }';
const alerts = () => gateway.lines.filter(({ kind }) => kind === 'detection');
const findings = async () => {
  await gateway.closeOnly();
  const lines = await auditLines(join(gateway.directory, 'audit'));
  return lines.map((line) => JSON.parse(line)).filter(({ class_uid }) => class_uid === 2004);
};

test('values that left are added up over requests of one caller, and told of once', async () => {
  await start();
  const headers = await bearer('ada.secretperson');
  expect((await ask(gateway.url, query, { headers })).body).toContain('900-11-1111');
  await ask(gateway.url, query, { headers: await bearer('bob') });
  expect(alerts()).toEqual([]);
  await ask(gateway.url, query, { headers });
  await ask(gateway.url, query, { headers });
  await until('the alert', () => alerts().length > 0, patienceMs);
  await until('the webhook', () => receiver.received.length > 0, patienceMs);
  expect(alerts()).toMatchObject([{ detection: 'ids-in-bulk', severity: 'high', count: 4 }]);

  const samples = parsePrometheusText(await gateway.metricsText());
  const of = (name: string) => samples.filter((one) => one.name === name);
  expect(of('gateway_detection_alerts_total')).toMatchObject([
    { labels: { detection: 'ids-in-bulk', severity: 'high' }, value: 1 },
  ]);
  await until(
    'the count',
    async () => {
      const text = await gateway.metricsText();
      return /gateway_alert_deliveries_total\{[^}]*outcome="delivered"[^}]*\} 1/.test(text);
    },
    patienceMs,
  );

  const state = await (await fetch(`${gateway.adminUrl}/console/state`)).text();
  expect(state).toContain('"detection":"ids-in-bulk","severity":"high"');
  expect(state).not.toMatch(/secretperson|the-portal/);

  const [finding, ...others] = await findings();
  expect(others).toEqual([]);
  expect(finding).toMatchObject({
    class_uid: 2004,
    type_uid: 200_401,
    severity_id: 4,
    is_alert: true,
    finding_info: { title: 'One caller reads many government ids', related_events_count: 4 },
    evidences: [
      {
        actor: { user: { uid: 'ada.secretperson' }, app_uid: 'the-portal' },
        src_endpoint: { ip: '127.0.0.1' },
      },
    ],
    unmapped: { gateway: { decision: 'detection', detector: 'ids-in-bulk', threshold: 4 } },
  });
  // The requests that it names are events of the same trail.
  const lines = await auditLines(join(gateway.directory, 'audit'));
  for (const request of finding.unmapped.gateway.requests) {
    expect(
      lines.some((line) => line.includes(`"event_code":"allowed","correlation_uid":"${request}"`)),
    ).toBe(true);
  }
});

describe('who is named', () => {
  const raise = async (): Promise<string> => {
    const headers = await bearer('ada.secretperson');
    for (let at = 0; at < 2; at += 1) await ask(gateway.url, query, { headers });
    await until('the webhook', () => receiver.received.length > 0, patienceMs);
    return receiver.received[0]?.body ?? '';
  };

  test('nobody and no address, in webhook and log, where the configuration says nothing', async () => {
    await start();
    const body = await raise();
    for (const text of [body, JSON.stringify(alerts())]) {
      expect(text).not.toMatch(/secretperson|the-portal|127\.0\.0\.1|900-11/);
    }
    expect(JSON.parse(body).data).toMatchObject({
      detection: 'ids-in-bulk',
      key: expect.stringMatching(/^[0-9a-f]{32}$/),
      trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      requests: [expect.any(String), expect.any(String)],
    });
  });

  test('who was asked for', async () => {
    await start(', include: [caller, address]');
    const { data } = JSON.parse(await raise());
    expect(data).toMatchObject({
      caller: 'ada.secretperson',
      client: 'the-portal',
      address: '127.0.0.1',
    });
  });
});

test('refused credentials, a denied write and probed fields each raise their own', async () => {
  await start();
  for (let at = 0; at < 3; at += 1) {
    await ask(gateway.url, query, { headers: { authorization: 'Bearer a.b.c' } });
  }
  await ask(gateway.url, 'mutation { rename(id: "1", name: "x") { id } }');
  await ask(gateway.url, '{ staff { name } }');
  await ask(gateway.url, '{ staff { ssn } }');
  await until('three', () => alerts().length >= 3, patienceMs);
  expect(
    alerts()
      .map(({ detection }) => detection)
      .sort(),
  ).toEqual(['guessed', 'probed', 'write']);
});

describe('policies that are read again', () => {
  const file = () => join(gateway.directory, 'policies/detect/all.yaml');
  const change = async (from: string, to: string): Promise<void> => {
    const text = await readFile(file(), 'utf8');
    expect(text).toContain(from);
    await writeFile(file(), text.replace(from, to));
    await gateway.reload();
  };
  const guess = () => ask(gateway.url, query, { headers: { authorization: 'Bearer a.b.c' } });

  test('leave counts of what did not change', async () => {
    await start();
    await guess();
    await guess();
    await change('severity: critical', 'severity: low');
    expect(gateway.lines.at(-1)).toMatchObject({ kind: 'policy-reloaded' });
    await guess();
    await until('the alert', () => alerts().length > 0, patienceMs);
    expect(alerts()).toMatchObject([{ detection: 'guessed', count: 3 }]);
  });

  test('and begin anew with what did', async () => {
    await start();
    await guess();
    await guess();
    await change('count: 3', 'count: 2');
    await guess();
    await guess();
    await until('the alert', () => alerts().length > 0, patienceMs);
    expect(alerts()).toMatchObject([{ detection: 'guessed', count: 2 }]);
  });

  test('that are bad leave the old ones in force', async () => {
    await start();
    await guess();
    await change('Mutation.rename', 'Mutation.renam');
    expect(gateway.lines.at(-1)).toMatchObject({ kind: 'policy-reload-failed' });
    expect(JSON.stringify(gateway.lines.at(-1))).toContain('did you mean');
    await guess();
    await guess();
    await until('the alert', () => alerts().length > 0, patienceMs);
    expect(alerts()).toMatchObject([{ detection: 'guessed', count: 3 }]);
  });
});

test('a receiver that hangs holds up neither requests nor the end', async () => {
  await receiver[Symbol.asyncDispose]();
  receiver = await startReceiver(() => undefined);
  await start();
  await ask(gateway.url, 'mutation { rename(id: "1", name: "x") { id } }');
  await until('the webhook', () => receiver.received.length > 0, patienceMs);
  expect((await ask(gateway.url, '{ staff { id } }')).status).toBe(200);
  await gateway.closeOnly();
  expect(gateway.lines.filter(({ kind }) => kind === 'alert-delivery')).toMatchObject([
    { webhook: 'soc', outcome: 'dropped', detection: 'write' },
  ]);
});
