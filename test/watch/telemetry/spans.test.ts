/** The spans of real requests, as a strict collector got them. */
import { describe, expect, it } from 'vitest';
import { attributesOf, type Item, startOtlpSink } from '../../support/otlp-sink.ts';
import { playUpstream, serveFiles } from '../../support/served.ts';
import { ask, hex, spanKind, telemetryFiles } from '../../support/telemetry.ts';

const people = { data: { staff: [{ id: '1', name: 'Ada' }] } };

async function startAll(settings = '', status = 200) {
  const sink = await startOtlpSink();
  const traceparents: string[] = [];
  const upstream = await playUpstream((request, response) => {
    traceparents.push(String(request.headers.traceparent));
    response.statusCode = status;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(people));
  });
  const gateway = await serveFiles(
    telemetryFiles(upstream.url, `{ otlp: "${sink.url}"${settings} }`),
  );
  return {
    sink,
    gateway,
    traceparents,
    upstreamPort: Number(new URL(upstream.url).port),
    /** Ends the gateway, which sends all that waits. */
    async spans(): Promise<readonly Item[]> {
      await gateway.close();
      return sink.accepted('traces');
    },
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await upstream.close();
      await sink.close();
    },
  };
}

const traceId = '0af7651916cd43dd8448eb211c80319c';
const callerSpan = 'b7ad6b7169203331';

describe('the spans of a request', () => {
  it('are the tree that went over the wire', async () => {
    await using all = await startAll();
    const { gateway, traceparents } = all;
    await ask(gateway.url, 'query Mine { staff { name ssn } }', {
      headers: { traceparent: `00-${traceId}-${callerSpan}-01` },
    });
    const spans = await all.spans();
    expect(spans.map(({ name, kind }) => [name, kind])).toEqual([
      ['POST /graphql', spanKind.server],
      ['policy.evaluate', spanKind.internal],
      ['POST', spanKind.client],
    ]);
    const [server, policy, client] = spans as [Item, Item, Item];
    expect(spans.map((span) => hex(span.traceId))).toEqual([traceId, traceId, traceId]);
    expect(hex(server.parentSpanId)).toBe(callerSpan);
    expect(hex(policy.parentSpanId)).toBe(hex(server.spanId));
    expect(hex(client.parentSpanId)).toBe(hex(server.spanId));
    expect(traceparents).toEqual([`00-${traceId}-${hex(client.spanId)}-01`]);
    expect(attributesOf(server)).toEqual({
      'http.request.method': 'POST',
      'url.scheme': 'http',
      'url.path': '/graphql',
      'http.route': '/graphql',
      'http.response.status_code': 200,
      'http.response.body.size': expect.any(Number),
      'gateway.request.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'gateway.decision': 'denied',
      'client.address': '127.0.0.0',
      'graphql.operation.type': 'query',
      'gateway.operation.hash': expect.stringMatching(/^[0-9a-f]{64}$/),
      'gateway.operation.cost': expect.any(Number),
      'gateway.engine': expect.any(String),
    });
    expect(attributesOf(policy)).toMatchObject({
      'gateway.fields.denied': 1,
      'gateway.denied': ['Person.ssn'],
    });
    expect(attributesOf(client)).toEqual({
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'http.response.body.size': expect.any(Number),
      'gateway.upstream': 'staff',
      'graphql.operation.type': 'query',
      'server.address': '127.0.0.1',
      'server.port': all.upstreamPort,
      'url.scheme': 'http',
    });
    for (const span of [policy, client]) {
      expect(Number(span.startTimeUnixNano)).toBeGreaterThanOrEqual(
        Number(server.startTimeUnixNano),
      );
      expect(Number(span.endTimeUnixNano)).toBeLessThanOrEqual(Number(server.endTimeUnixNano));
    }
    expect(all.sink.complaints).toEqual([]);
  });

  it('begin a trace of their own where the caller sent none, or a bad one', async () => {
    await using all = await startAll();
    const bad = [undefined, `00-${'0'.repeat(32)}-${callerSpan}-01`, '00-xyz-1-01', `${traceId}`];
    for (const traceparent of bad) {
      const headers = traceparent === undefined ? {} : { traceparent };
      await ask(all.gateway.url, '{ staff { name } }', { headers });
    }
    const servers = (await all.spans()).filter(({ kind }) => kind === spanKind.server);
    expect(servers).toHaveLength(bad.length);
    expect(new Set(servers.map((span) => hex(span.traceId))).size).toBe(bad.length);
    for (const span of servers) expect(hex(span.parentSpanId ?? [])).toBe('');
    expect(servers.map((span) => hex(span.traceId))).toEqual(
      all.traceparents.map((text) => text.slice(3, 35)),
    );
  });

  it('tell of a failed upstream without its words', async () => {
    await using all = await startAll('', 503);
    await ask(all.gateway.url, '{ staff { name } }');
    const client = (await all.spans()).find(({ kind }) => kind === spanKind.client) as Item;
    expect(attributesOf(client)).toMatchObject({
      'error.type': '503',
      'http.response.status_code': 503,
    });
    expect(client.status).toMatchObject({ code: 2 });
  });
});

describe('what is kept of a ratio of 0', () => {
  const cases = [
    { name: 'nothing of an answer', query: '{ staff { name } }', kept: 0 },
    { name: 'a refused document', query: '{ nothing }', kept: 1, reason: 'limits/invalid' },
    { name: 'a denied field', query: '{ staff { name ssn } }', kept: 3 },
    { name: 'a failed upstream', query: '{ staff { name } }', status: 500, kept: 3 },
    {
      name: 'an answer that the caller samples',
      query: '{ staff { name } }',
      headers: { traceparent: `00-${traceId}-${callerSpan}-01` },
      kept: 3,
    },
    {
      name: 'nothing of an answer that the caller does not sample',
      query: '{ staff { name } }',
      headers: { traceparent: `00-${traceId}-${callerSpan}-00` },
      settings: ', sampleRatio: 1',
      kept: 0,
    },
    {
      name: 'a slow answer',
      query: '{ staff { name } }',
      settings: ', sampleRatio: 0, slowMs: 1',
      slow: true,
      kept: 3,
    },
  ];
  for (const { name, query, kept, ...given } of cases) {
    it(name, async () => {
      await using all = await startAll(given.settings ?? ', sampleRatio: 0', given.status);
      await ask(all.gateway.url, query, given.headers && { headers: given.headers });
      const spans = await all.spans();
      expect(spans).toHaveLength(kept);
      const [first] = spans;
      if (first !== undefined && given.reason !== undefined) {
        expect(attributesOf(first)['gateway.refusal.reason']).toBe(given.reason);
      }
      // The flag that upstreams got is the head decision: the tail was not known yet.
      const flag = given.headers?.traceparent.slice(-2) ?? '00';
      for (const text of all.traceparents) expect(text.slice(-2)).toBe(flag);
    });
  }
});
