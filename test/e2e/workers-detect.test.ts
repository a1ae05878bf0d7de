/**
 * Detections over several workers, as processes: what meets one worker and what meets another is added
 * up, and each alert is told once.
 */
import { expect, test } from 'vitest';
import { parsePrometheusText } from '../support/prometheus-text.ts';
import { until } from '../support/redis.ts';
import { playUpstream, smallFiles } from '../support/served.ts';
import { ask } from '../support/telemetry.ts';
import { patienceMs, startWorkers } from '../support/worker-processes.ts';

test(
  'requests of one address at two workers are counted as one',
  async () => {
    const upstream = await playUpstream((_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end('{"data":{"staff":[]}}');
    });
    const files = smallFiles(upstream.url);
    await using gateway = await startWorkers(
      {
        ...files,
        'gateway.yaml': `${files['gateway.yaml']}audit: { directory: audit }\n`,
        'policies/detect/all.yaml': `version: 1
detections:
  - { name: guessed, severity: high, match: { reasons: identify/* }, per: address, count: 20, window: 1h }
  - { name: probed, severity: high, match: { denied: "*" }, distinct: coordinates, per: address, count: 2, window: 1h }
`,
      },
      2,
    );
    // A connection of its own for each, dealt out in turn: neither worker sees twenty.
    const headers = { authorization: 'Bearer a.b.c', connection: 'close' };
    for (let at = 0; at < 19; at += 1) await ask(gateway.url, '{ staff { id } }', { headers });
    const alerts = () => gateway.lines().filter(({ kind }) => kind === 'detection');
    const refused = () => gateway.lines().filter(({ reason }) => reason !== undefined).length;
    await until('nineteen records', () => refused() >= 19, patienceMs);
    expect(alerts()).toEqual([]);
    for (let at = 0; at < 4; at += 1) await ask(gateway.url, '{ staff { id } }', { headers });
    await until('the alert', () => alerts().length > 0, patienceMs);
    expect(alerts()).toMatchObject([{ detection: 'guessed', threshold: 20, crowded: false }]);
    expect(Number(alerts()[0]?.count)).toBeGreaterThanOrEqual(20);

    // It was no single worker that saw enough.
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    expect(metrics).toMatch(/gateway_detection_alerts_total\{[^}]*detection="guessed"[^}]*\} 1/);
    const byWorker = parsePrometheusText(metrics)
      .filter(({ name }) => name === 'gateway_auth_failures_total')
      .map(({ value }) => value);
    expect(byWorker).toHaveLength(2);
    expect(Math.max(...byWorker)).toBeLessThan(20);
    expect(await gateway.stop()).toBe(0);
    await upstream.close();
    expect(alerts()).toHaveLength(1);
  },
  2 * patienceMs,
);
