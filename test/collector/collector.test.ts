/**
 * The real OpenTelemetry Collector, with the configuration that is shipped for a machine of one's
 * own: a live gateway sends logs, traces and metrics, and what the Collector's file exporter wrote
 * is what the gateway meant.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { freePorts } from '../e2e/demo-process.ts';
import { auditLines } from '../support/audit-files.ts';
import { playUpstream, serveFiles, smallFiles } from '../support/served.ts';

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const ssn = '900-11-1111';

/** Runs until closed; `read` gives what its file exporters wrote so far. */
async function startCollector() {
  const directory = await mkdtemp(join(tmpdir(), 'fieldgate-collector-'));
  const [port = 0] = await freePorts(1);
  const child = spawn(
    path('var/collector/otelcol'),
    ['--config', path('gateway/watch/collector/local.yaml')],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, OTLP_DIR: directory, OTLP_LISTEN: `127.0.0.1:${port}` },
    },
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  while (!(await listens(port))) {
    if (child.exitCode !== null) throw new Error(`the Collector did not start:\n${said}`);
    await pause(50);
  }
  return {
    url: `http://127.0.0.1:${port}`,
    said: () => said,
    async close() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
    read: async (signal: string) => {
      const text = await readFile(join(directory, `${signal}.ndjson`), 'utf8');
      return text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(socket.destroy() !== undefined));
    socket.once('error', () => resolve(false));
  });
}

// biome-ignore lint/suspicious/noExplicitAny: what another program wrote
type Json = any;

const attributes = (item: Json): Record<string, unknown> =>
  Object.fromEntries(
    (item.attributes ?? []).map(({ key, value }: Json) => [key, Object.values(value)[0]]),
  );

it('has every audit line byte for byte, the spans of each request, and the metrics', async () => {
  const collector = await startCollector();
  const upstream = await playUpstream((_request, response, body) => {
    response.setHeader('content-type', 'application/json');
    if (body.includes('broken')) response.writeHead(500).end('{}');
    else
      response.end(
        JSON.stringify({ data: { person: { id: '42', fgs_id: '42', name: 'Ada', ssn } } }),
      );
  });
  const files = smallFiles(upstream.url);
  const gateway = await serveFiles({
    ...files,
    'gateway.yaml': `${files['gateway.yaml']}audit: { directory: audit, subjects: { Person: id } }\ntelemetry: { otlp: "${collector.url}", metricsIntervalMs: 1000 }\n`,
    'policies/access/staff.yaml': `
version: 1
rules:
  - { name: open, fields: { Query: [person], Person: [id] }, allow: everyone }
  - { name: ids, class: government-id, fields: { Person: [ssn] }, allow: everyone }
  - { name: names, fields: { Person: [name] }, allow: { scopes: [names] } }
`,
  });
  const ask = async (query: string) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ query });
    return await (await fetch(gateway.url, { method: 'POST', headers, body })).text();
  };
  expect(await ask('{ person(id: "42") { ssn } }')).toContain(ssn);
  await ask('{ person(id: "42") { name } }');
  await ask('{ person(id: "broken") { id } }');
  await ask('{ nothing }');
  await gateway.closeOnly();
  await collector.close();

  const lines = await auditLines(join(gateway.directory, 'audit'));
  const logs: Json[] = (await collector.read('logs')).flatMap((one: Json) =>
    one.resourceLogs.flatMap((resource: Json) =>
      resource.scopeLogs.flatMap((scope: Json) => scope.logRecords),
    ),
  );
  const bodies = logs.map((one) => one.body.stringValue);
  // Four requests, a field that was denied to one of them, and the end of the classified answer.
  const events = lines.filter((line) => /"correlation_uid"|"event_code":"closed"/.test(line));
  expect(events).toHaveLength(6);
  for (const line of events) expect(bodies).toContain(line);
  expect(bodies.filter((body) => !lines.includes(body))).toEqual([]);
  const seen = logs.find((one) => one.body.stringValue.includes('"field":"Person.ssn"'));
  expect(seen).toMatchObject({ eventName: 'gateway.request', severityNumber: 9 });
  const denied = logs.find((one) => one.eventName === 'gateway.field.denied');
  expect(denied).toMatchObject({ severityNumber: 13 });
  expect(attributes(seen)['gateway.decision']).toBe('allowed');
  expect(logs.map((one) => one.eventName)).toContain('gateway.upstream.failed');

  const spans: Json[] = (await collector.read('traces')).flatMap((one: Json) =>
    one.resourceSpans.flatMap((resource: Json) =>
      resource.scopeSpans.flatMap((scope: Json) => scope.spans),
    ),
  );
  expect(spans.filter(({ kind }) => kind === 2)).toHaveLength(4);
  expect(spans.filter(({ kind }) => kind === 3).length).toBeGreaterThanOrEqual(3);
  expect(spans.map(({ traceId }) => traceId)).toContain(seen.traceId);

  const metrics = new Set<string>(
    (await collector.read('metrics')).flatMap((one: Json) =>
      one.resourceMetrics.flatMap((resource: Json) =>
        resource.scopeMetrics.flatMap((scope: Json) => scope.metrics.map(({ name }: Json) => name)),
      ),
    ),
  );
  for (const name of [
    'http.server.request.duration',
    'gateway.decisions',
    'gateway.sensitive.records',
  ]) {
    expect(metrics).toContain(name);
  }
  const everything = JSON.stringify([logs, spans, [...metrics]]);
  expect(everything).not.toMatch(/900-11-|\bAda\b|broken/);
  await Promise.all([gateway.close(), upstream.close(), collector.remove()]);
});
