/** Metrics of real requests: as a strict collector got them, and as Prometheus would read them. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { attributesOf, startOtlpSink } from '../../support/otlp-sink.ts';
import { parsePrometheusText } from '../../support/prometheus-text.ts';
import { until } from '../../support/redis.ts';
import { playUpstream, serveFiles } from '../../support/served.ts';
import { ask, pointsOf, telemetryFiles } from '../../support/telemetry.ts';

const playPeople = () =>
  playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ data: { staff: [{ id: '1', name: 'Ada' }] } }));
  });

const rates = `
version: 1
rates: [{ name: few, per: address, limit: 3, window: 1h }]
`;

async function playRequests(url: string): Promise<void> {
  await ask(url, '{ staff { name } }');
  await ask(url, '{ staff { name ssn } }');
  await ask(url, '{ nothing }');
  expect((await ask(url, '{ staff { name } }')).status).toBe(429);
}

describe('metrics', () => {
  it('go, as traces do, over connections that stay', async () => {
    const [sink, upstream] = await Promise.all([startOtlpSink(), playPeople()]);
    const telemetry = `{ otlp: "${sink.url}", sampleRatio: 1 }`;
    await using gateway = await serveFiles(telemetryFiles(upstream.url, telemetry));
    await ask(gateway.url, '{ staff { name } }');
    await gateway.close();
    const kept = sink.requests.map(({ signal, headers }) => [signal, headers.connection]);
    expect(Object.fromEntries(kept)).toEqual({ traces: 'keep-alive', metrics: 'keep-alive' });
    await Promise.all([sink.close(), upstream.close()]);
  });

  it('reach a collector, also when the gateway closes before the interval', async () => {
    const [sink, upstream] = await Promise.all([startOtlpSink(), playPeople()]);
    const files = telemetryFiles(upstream.url, `{ otlp: "${sink.url}", headers: { x-key: k1 } }`);
    await using gateway = await serveFiles({ ...files, 'policies/rates/few.yaml': rates });
    await playRequests(gateway.url);
    await gateway.close();
    const byName = new Map(sink.accepted('metrics').map((metric) => [metric.name, metric]));
    const of = (name: string) =>
      pointsOf(byName.get(name) ?? {}).map((point) => ({
        ...attributesOf(point),
        count: Number(point.count ?? point.asInt ?? point.asDouble),
      }));
    const http = { 'http.request.method': 'POST', 'url.scheme': 'http' };
    expect(of('http.server.request.duration')).toEqual([
      { ...http, 'http.route': '/graphql', 'http.response.status_code': 200, count: 3 },
      { ...http, 'http.response.status_code': 429, count: 1 },
    ]);
    expect(of('http.client.request.duration')).toMatchObject([
      { ...http, 'gateway.upstream': 'staff', 'http.response.status_code': 200, count: 2 },
    ]);
    expect(of('gateway.refusals')).toEqual([
      { reason: 'limits/invalid', count: 1 },
      { reason: 'rates/limited', count: 1 },
    ]);
    expect(of('gateway.limit.rejections')).toEqual([{ limit: 'invalid', count: 1 }]);
    expect(of('gateway.rate.rejections')).toEqual([
      { rate: 'store-down', count: 0 },
      { rate: 'few', count: 1 },
    ]);
    expect(of('gateway.operation.depth')).toEqual([{ count: 2 }]);
    expect(of('gateway.operation.cost')).toEqual([{ count: 2 }]);
    expect(of('http.server.active_requests')).toEqual([{ 'url.scheme': 'http', count: 0 }]);
    expect(of('gateway.circuit.state')).toHaveLength(3);
    expect(of('gateway.circuit.callers')).toEqual([{ 'gateway.upstream': 'staff', count: 0 }]);
    const request = sink.requests.find(({ signal }) => signal === 'metrics');
    expect(request?.headers['x-key']).toBe('k1');
    expect(sink.complaints).toEqual([]);
    await Promise.all([upstream.close(), sink.close()]);
  });

  it('are read on the admin port without any collector', async () => {
    const upstream = await playPeople();
    const files = telemetryFiles(upstream.url, '{ serviceName: edge-1 }');
    await using gateway = await serveFiles({ ...files, 'policies/rates/few.yaml': rates });
    await playRequests(gateway.url);
    const response = await fetch(`${gateway.adminUrl}/metrics`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const samples = parsePrometheusText(await response.text());
    const of = (name: string) => samples.filter((sample) => sample.name === name);
    expect(of('target_info')).toMatchObject([{ labels: { service_name: 'edge-1' } }]);
    expect(of('gateway_refusals_total')).toMatchObject([
      { labels: { reason: 'limits/invalid' }, value: 1 },
      { labels: { reason: 'rates/limited' }, value: 1 },
    ]);
    expect(of('http_server_request_duration_seconds_count').map(({ value }) => value)).toEqual([
      3, 1,
    ]);
    const last = of('http_server_request_duration_seconds_bucket').filter(
      ({ labels }) => labels.le === '+Inf',
    );
    expect(last.map(({ value }) => value)).toEqual([3, 1]);
    expect(of('nodejs_eventloop_delay_p99_seconds')).toHaveLength(1);
    expect(of('gateway_telemetry_faults_total')).toMatchObject([{ value: 0 }]);
    await upstream.close();
  });

  it('are all in gateway/metrics.md, which names no other', async () => {
    const [sink, upstream] = await Promise.all([startOtlpSink(), playPeople()]);
    const files = telemetryFiles(
      upstream.url,
      `{ otlp: "${sink.url}" }\naudit: {}\nalerts: { webhooks: [{ url: "${upstream.url}", format: slack }] }`,
    );
    await using gateway = await serveFiles({
      ...files,
      'policies/network/a.yaml': 'version: 1\nlists: { office: { file: office.txt } }\n',
      'policies/network/office.txt': '192.0.2.0/24\n',
      'policies/detect/a.yaml':
        'version: 1\ndetections: [{ name: any, severity: low, match: { outcomes: answered } }]\n',
    });
    await ask(gateway.url, '{ staff { name } }');
    await until('the alert', () => gateway.lines.some(({ kind }) => kind === 'detection'));
    const text = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    const served = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
    const guide = readFileSync(new URL('../../../gateway/metrics.md', import.meta.url), 'utf8');
    const [, ofAll = ''] = /^## All metrics$(.*?)^### /ms.exec(guide) ?? [];
    const rows = [...ofAll.matchAll(/^\| (`[^|]*) \|/gm)].map(([, names = '']) => names);
    const written = rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
    const ofWorkers = written.filter((name) => name?.startsWith('gateway_workers_'));
    expect(ofWorkers).toHaveLength(3);
    expect(served.toSorted()).toEqual(
      written.filter((name) => !ofWorkers.includes(name)).toSorted(),
    );
    expect(text).not.toContain('# UNIT');
    await Promise.all([upstream.close(), sink.close()]);
  });
});
