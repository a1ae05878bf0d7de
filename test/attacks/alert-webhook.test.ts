/**
 * A webhook's receiver that means harm, or is broken: it hangs, answers without end, one byte at a
 * time, sends us into our own network, fails for ever. Whatever it does, attempts are counted,
 * waiting alerts bounded, and no secret stands in what is reported.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { expect, test, vi } from 'vitest';
import { attemptsMax } from '../../gateway/watch/alerts/deliver-alert.ts';
import { createAlertPost } from '../../gateway/watch/alerts/post-alert.ts';
import { createWebhook, type WebhookNews, waitingMax } from '../../gateway/watch/alerts/webhook.ts';
import { alertOf, signingSecret, startReceiver, webhookOf } from '../support/alerts.ts';
import { createAuthority } from '../support/certificates.ts';
import { until } from '../support/redis.ts';

function open(url: string, about: { timeoutMs?: number; path?: string } = {}) {
  const news: WebhookNews[] = [];
  const pauses: number[] = [];
  const config = webhookOf(url);
  const webhook = createWebhook(config, {
    post: createAlertPost({ ...config, timeoutMs: about.timeoutMs ?? 20_000 }),
    report: (one) => news.push(one),
    now: Date.now,
    random: () => 0.5,
    wait: async (ms) => {
      pauses.push(ms);
    },
  });
  return { webhook, news, pauses };
}

const patienceMs = 25_000;

test('a redirect is not followed, wherever it leads', async () => {
  let asked = 0;
  const inside = createServer((_request, response) => {
    asked += 1;
    response.end();
  });
  inside.listen(0, '127.0.0.1');
  await once(inside, 'listening');
  const { port } = inside.address() as { port: number };
  await using receiver = await startReceiver((response) => {
    response.writeHead(307, { location: `http://127.0.0.1:${port}/latest/meta-data/` });
    response.end();
  });
  const { webhook, news } = open(receiver.url);
  webhook.put(alertOf());
  await until('the end', () => news.length === 1, patienceMs);
  expect(news).toMatchObject([{ outcome: 'failed', attempts: 1, why: '307' }]);
  await webhook.close(1_000);
  inside.close();
  expect(asked).toBe(0);
});

test('five hundred for ever: so many attempts, with pauses that grow, and no more', async () => {
  await using receiver = await startReceiver((response) => {
    response.statusCode = 500;
    response.end('no');
  });
  const { webhook, news, pauses } = open(receiver.url);
  webhook.put(alertOf());
  await until('the end', () => news.length === 1, patienceMs);
  expect(news).toMatchObject([{ outcome: 'failed', attempts: attemptsMax, why: '500' }]);
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(receiver.received).toHaveLength(attemptsMax);
  expect(webhook.counts()).toEqual({ delivered: 0, retried: 4, failed: 1, dropped: 0 });
  await webhook.close(1_000);
});

test('an alert that no body can be made of is given up, and the next one is delivered', async () => {
  await using receiver = await startReceiver();
  const { webhook, news } = open(receiver.url);
  webhook.put(alertOf({ id: 'broken', timeMs: Number.NaN }));
  webhook.put(alertOf({ id: 'whole' }));
  await until('the next', () => receiver.received.length === 1, patienceMs);
  await webhook.close(1_000);
  expect(receiver.received[0]?.headers['webhook-id']).toBe('whole');
  expect(news).toMatchObject([
    { outcome: 'failed', alert: 'broken', attempts: 0, why: 'RangeError' },
  ]);
  expect(webhook.counts()).toEqual({ delivered: 1, retried: 0, failed: 1, dropped: 0 });
});

test('who is told of what was lost and breaks stops nothing', async () => {
  await using receiver = await startReceiver();
  const config = webhookOf(receiver.url);
  const webhook = createWebhook(config, {
    post: createAlertPost({ ...config, timeoutMs: 20_000 }),
    report: () => {
      throw new Error('a full disk');
    },
    now: Date.now,
    random: () => 0.5,
  });
  webhook.put(alertOf({ id: 'broken', timeMs: Number.NaN }));
  webhook.put(alertOf({ id: 'whole' }));
  await until('the next', () => receiver.received.length === 1, patienceMs);
  await webhook.close(1_000);
  webhook.put(alertOf({ id: 'late' }));
  expect(webhook.counts()).toEqual({ delivered: 1, retried: 0, failed: 1, dropped: 1 });
});

test('a pause that a receiver asks for is bounded', async () => {
  await using receiver = await startReceiver((response) => {
    response.writeHead(429, { 'retry-after': '999999' });
    response.end();
  });
  const { webhook, news, pauses } = open(receiver.url);
  webhook.put(alertOf());
  await until('the end', () => news.length === 1, patienceMs);
  expect(pauses).toEqual([30_000, 30_000, 30_000, 30_000]);
  await webhook.close(1_000);
});

test('what it will not have is not sent again', async () => {
  await using receiver = await startReceiver((response) => {
    response.statusCode = 410;
    response.end();
  });
  const { webhook, news } = open(receiver.url);
  webhook.put(alertOf());
  await until('the end', () => news.length === 1, patienceMs);
  expect(news).toMatchObject([{ outcome: 'failed', attempts: 1, why: '410' }]);
  await webhook.close(1_000);
});

test('an answer without end is not read', async () => {
  let written = 0;
  await using receiver = await startReceiver((response) => {
    const more = (): void => {
      while (!response.destroyed && written < 1e8) {
        written += 65_536;
        if (!response.write(Buffer.alloc(65_536))) return void response.once('drain', more);
      }
    };
    more();
  });
  const { webhook } = open(receiver.url);
  webhook.put(alertOf());
  await until('the delivery', () => webhook.counts().delivered === 1, patienceMs);
  await webhook.close(1_000);
  expect(written).toBeLessThan(2e7);
});

test.each([
  { name: 'hangs', bytes: '', more: '' },
  { name: 'answers a byte at a time', bytes: 'HTTP/1.1 200 OK\r\nx: ', more: 'x' },
  { name: 'says for ever that it will answer', bytes: '', more: 'HTTP/1.1 103 Wait\r\n\r\n' },
])('one that $name has a deadline', async ({ bytes, more }) => {
  await using receiver = await startReceiver((response) => {
    if (more === '') return;
    response.socket?.write(bytes);
    const timer = setInterval(() => response.socket?.write(more), 50);
    response.socket?.on('close', () => clearInterval(timer));
  });
  const { webhook, news } = open(receiver.url, { timeoutMs: 300 });
  webhook.put(alertOf());
  await until('the end', () => news.length === 1, patienceMs);
  expect(news).toMatchObject([{ outcome: 'failed', attempts: attemptsMax }]);
  await webhook.close(1_000);
});

test('while one hangs so many wait, the others are dropped and counted', async () => {
  await using receiver = await startReceiver(() => undefined);
  const { webhook, news } = open(receiver.url);
  for (let at = 0; at < waitingMax + 51; at += 1) webhook.put(alertOf({ id: `a-${at}` }));
  expect(webhook.waiting()).toBe(waitingMax);
  expect(webhook.counts().dropped).toBe(50);
  expect(news).toHaveLength(50);
  expect(news[0]).toMatchObject({ outcome: 'dropped', alert: `a-${waitingMax + 1}` });
  await until('the request', () => receiver.received.length === 1, patienceMs);
  await webhook.close(10);
  expect(webhook.counts()).toMatchObject({ delivered: 0, dropped: waitingMax + 51 });
});

test('a flood of small alerts neither pushes out nor keeps back the one that matters', async () => {
  const answers: (() => void)[] = [];
  await using receiver = await startReceiver((response) => {
    answers.push(() => response.end());
  });
  const { webhook, news } = open(receiver.url);
  const flood = (count: number): void => {
    for (let at = 0; at < count; at += 1) {
      webhook.put(alertOf({ id: `small-${at}`, detection: 'wrong-keys', severity: 'low' }));
    }
  };
  flood(waitingMax + 20);
  webhook.put(alertOf({ id: 'quiet', detection: 'odd-hours', severity: 'low' }));
  webhook.put(alertOf({ id: 'real', detection: 'ids-in-bulk', severity: 'critical' }));
  flood(waitingMax);
  expect(webhook.waiting()).toBe(waitingMax);
  const order: string[] = [];
  for (let at = 0; at < 4; at += 1) {
    await until('an attempt', () => answers.length > at, patienceMs);
    order.push(JSON.parse(receiver.received[at]?.body ?? '{}').data.id.replace(/\d+/, 'n'));
    answers[at]?.();
  }
  expect(order).toEqual(['small-n', 'real', 'small-n', 'quiet']);
  expect(news.every(({ alert }) => alert.startsWith('small'))).toBe(true);
  await webhook.close(1);
});

test('an end waits for what can be delivered', async () => {
  await using receiver = await startReceiver();
  const { webhook } = open(receiver.url);
  for (let at = 0; at < 5; at += 1) webhook.put(alertOf({ id: `a-${at}` }));
  await webhook.close(patienceMs);
  expect(receiver.received).toHaveLength(5);
  webhook.put(alertOf());
  expect(webhook.counts()).toMatchObject({ delivered: 5, dropped: 1 });
});

test('nobody there: reported by a code, without the address and without the secret', async () => {
  const receiver = await startReceiver();
  const { url } = receiver;
  await receiver[Symbol.asyncDispose]();
  const { webhook, news } = open(`${url}/T000/secret-path`);
  webhook.put(alertOf());
  await until('the end', () => news.length === 1, patienceMs);
  expect(news).toMatchObject([{ outcome: 'failed', why: 'ECONNREFUSED' }]);
  expect(JSON.stringify(news)).not.toMatch(/secret-path|127\.0\.0\.1|whsec/);
  expect(JSON.stringify(news)).not.toContain(signingSecret);
  await webhook.close(1_000);
});

test.each([
  'http://169.254.169.254/hook',
  'https://[::ffff:169.254.169.254]/hook',
  'https://10.0.0.1/hook',
  'https://[fd00:ec2::254]/hook',
])('%s is an address that is not connected to', (url) => {
  expect(() => createAlertPost({ url, privateNetwork: false, timeoutMs: 1_000 })).toThrow();
});

test('no private network permits the address of cloud metadata', () => {
  const url = 'https://169.254.169.254/hook';
  expect(() => createAlertPost({ url, privateNetwork: true, timeoutMs: 1_000 })).toThrow();
});

test('a certificate that nobody vouches for is refused, whatever the environment says', async () => {
  const authority = await createAuthority();
  const { cert, key } = await authority.issue('/CN=hook', 'IP:127.0.0.1');
  let asked = 0;
  const server = createSecureServer({ cert, key }, (_request, response) => {
    asked += 1;
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  const { webhook, news } = open(`https://127.0.0.1:${port}/hook`);
  webhook.put(alertOf());
  await until('the end', () => news.length === 1, patienceMs);
  vi.unstubAllEnvs();
  expect(news).toMatchObject([{ outcome: 'failed', why: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }]);
  expect(asked).toBe(0);
  await webhook.close(1_000);
  server.close();
});
