/** Standard Webhooks 1.0.0: signatures against the vector of the specification, and as a receiver checks them. */
import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { createAlertPost } from '../../../gateway/watch/alerts/post-alert.ts';
import { toSigningKey, toStandardHeaders } from '../../../gateway/watch/alerts/standard-body.ts';
import { createWebhook } from '../../../gateway/watch/alerts/webhook.ts';
import { alertOf, signingSecret, startReceiver, webhookOf } from '../../support/alerts.ts';
import { until } from '../../support/redis.ts';

test('the vector that the reference libraries are tested with', () => {
  const key = toSigningKey('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
  if (key === undefined) throw new Error('no key');
  const signed = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    atMs: 1_614_265_330_123,
    body: '{"test": 2432232314}',
  };
  expect(toStandardHeaders(key, signed)).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test.each([
  ['24 bytes', `whsec_${Buffer.alloc(24).toString('base64')}`, 24],
  ['64 bytes', `whsec_${Buffer.alloc(64).toString('base64')}`, 64],
  ['too short', `whsec_${Buffer.alloc(23).toString('base64')}`, undefined],
  ['too long', `whsec_${Buffer.alloc(65).toString('base64')}`, undefined],
  ['without its beginning', Buffer.alloc(24).toString('base64'), undefined],
  ['no base64', 'whsec_!!!!', undefined],
  ['base64 cut short', `whsec_${'A'.repeat(33)}`, undefined],
])('a key: %s', (_name, secret, length) => {
  expect(toSigningKey(secret)?.length).toBe(length);
});

test('a receiver that checks what it got believes it, and each attempt is signed anew', async () => {
  let answers = 0;
  await using receiver = await startReceiver((response) => {
    answers += 1;
    response.statusCode = answers === 1 ? 503 : 204;
    response.end();
  });
  const config = webhookOf(receiver.url);
  let nowMs = 1_795_446_000_000;
  const webhook = createWebhook(config, {
    post: createAlertPost({ ...config, timeoutMs: 20_000 }),
    report: () => undefined,
    now: () => nowMs,
    random: () => 0.5,
    wait: async () => {
      nowMs += 60_000;
    },
  });
  webhook.put(alertOf());
  await until('the delivery', () => webhook.counts().delivered === 1, 25_000);
  await webhook.close(1_000);
  const key = Buffer.from(signingSecret.slice('whsec_'.length), 'base64');
  const times = receiver.received.map(({ headers, body }) => {
    const { 'webhook-id': id, 'webhook-timestamp': time } = headers;
    const wanted = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${wanted}`);
    expect(headers['content-type']).toBe('application/json');
    expect(id).toBe(alertOf().id);
    return Number(time);
  });
  expect(times).toEqual([1_795_446_000, 1_795_446_060]);
  expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({
    type: 'detection.alert',
    timestamp: new Date(1_795_446_000_000).toISOString(),
    data: { detection: 'tokens-guessed', severity: 'high', count: 20, window_seconds: 300 },
  });
});

test('PagerDuty: an event of the Events API v2, alerts of one key under one dedup key', async () => {
  await using receiver = await startReceiver((response) => {
    response.statusCode = 202;
    response.end('{"status":"success"}');
  });
  const secret = 'R0123456789abcdef0123456789abcde';
  const config = webhookOf(receiver.url, { format: 'pagerduty', secret });
  const post = createAlertPost({ ...config, timeoutMs: 20_000 });
  const webhook = createWebhook(config, {
    post,
    report: () => undefined,
    now: Date.now,
    random: Math.random,
  });
  webhook.put(alertOf({ severity: 'critical' }));
  webhook.put(alertOf({ id: 'another' }));
  await webhook.close(25_000);
  const bodies = receiver.received.map(({ body }) => JSON.parse(body));
  expect(bodies).toMatchObject([
    {
      routing_key: secret,
      event_action: 'trigger',
      payload: { severity: 'critical', source: 'fieldgate' },
    },
    { payload: { severity: 'error', custom_details: { alert: 'another' } } },
  ]);
  expect(bodies[0].dedup_key).toBe(bodies[1].dedup_key);
  expect(receiver.received[0]?.headers).not.toHaveProperty('webhook-signature');
});

test('below its least severity nothing is sent', async () => {
  await using receiver = await startReceiver();
  const config = webhookOf(receiver.url, { minSeverity: 'high' });
  const post = createAlertPost({ ...config, timeoutMs: 20_000 });
  const webhook = createWebhook(config, {
    post,
    report: () => undefined,
    now: Date.now,
    random: Math.random,
  });
  for (const severity of ['low', 'medium', 'high', 'fatal'] as const)
    webhook.put(alertOf({ id: severity, severity }));
  await webhook.close(25_000);
  expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual(['high', 'fatal']);
});
