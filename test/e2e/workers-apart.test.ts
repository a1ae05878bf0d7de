/** What each worker has for itself: persisted documents, circuits, its start and its clock. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dayFromNow } from '../support/days.ts';
import { until } from '../support/redis.ts';
import { type PlayedUpstream, playUpstream, smallFiles } from '../support/served.ts';
import { patienceMs, startWorkers, type WorkerGateway } from '../support/worker-processes.ts';

let upstream: PlayedUpstream;
let status = 200;
beforeAll(async () => {
  upstream = await playUpstream((_request, response) => {
    response.statusCode = status;
    response.setHeader('content-type', 'application/json');
    response.end(
      status === 200 ? '{"data":{"staff":[{"id":"1","name":"Ada"}],"person":{"id":"1"}}}' : '{}',
    );
  });
});
beforeEach(() => {
  status = 200;
});
afterAll(() => upstream.close());

interface Told {
  readonly data?: unknown;
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[];
}

/** One connection, which is one worker's. */
function connectTo({ url }: WorkerGateway) {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: 1 });
  return {
    async ask(request: object): Promise<string> {
      const { body } = await pool.request({
        method: 'POST',
        path: pathname,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(request),
      });
      const { data, errors } = (await body.json()) as Told;
      return errors?.[0]?.extensions.code ?? JSON.stringify(data);
    },
    close: () => pool.close(),
  };
}

/** What each of ten connections is told: they are dealt out, nearly in turn. */
async function askAll(gateway: WorkerGateway, request: object): Promise<string[]> {
  const told = Array.from({ length: 10 }, async () => {
    const connection = connectTo(gateway);
    const answer = await connection.ask(request);
    await connection.close();
    return answer;
  });
  return (await Promise.all(told)).sort();
}

const ten = (one: string): string[] => Array(10).fill(one);

describe('two workers', { timeout: 120_000 }, () => {
  it('keep persisted documents each for itself, and clients send them to each', async () => {
    const files = {
      ...smallFiles(upstream.url),
      'policies/limits/a.yaml': 'version: 1\npersistedQueries: { enabled: true }\n',
    };
    await using gateway = await startWorkers(files, 2);
    const query = '{ staff { id } }';
    const sha256Hash = createHash('sha256').update(query).digest('hex');
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    const found = '{"staff":[{"id":"1"}]}';
    const missing = 'PERSISTED_QUERY_NOT_FOUND';
    expect(await askAll(gateway, { extensions })).toEqual(ten(missing));
    const first = connectTo(gateway);
    expect(await first.ask({ query, extensions })).toBe(found);
    await first.close();
    const told = await askAll(gateway, { extensions });
    expect([...new Set(told)]).toEqual([missing, found]);
    await until('both to have it', async () => {
      expect(await askAll(gateway, { query, extensions })).toEqual(ten(found));
      return !(await askAll(gateway, { extensions })).includes(missing);
    });
  });

  it('leave an upstream in peace each for itself', async () => {
    await using gateway = await startWorkers(smallFiles(upstream.url), 2);
    const failing = connectTo(gateway);
    status = 503;
    const opened = () =>
      gateway.lines().filter(({ kind, to }) => kind === 'circuit' && to === 'open');
    while (opened().length === 0) {
      expect(await failing.ask({ query: '{ staff { id } }' })).toBe('UPSTREAM_FAILED');
    }
    await failing.close();
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    const callers = metrics.match(/^gateway_circuit_callers\{.*$/gm) ?? [];
    expect(callers.map((line) => line.split(' ').at(-1)).sort()).toEqual(['0', '1']);
  });

  it('go on with the policies that one has where another cannot start with those in the files', async () => {
    await using gateway = await startWorkers(smallFiles(upstream.url), 2);
    const file = join(gateway.directory, 'policies/access/staff.yaml');
    const heard = (kind: string) => gateway.lines().filter((line) => line.kind === kind).length;
    await writeFile(file, 'version: 1\nrules: nonsense\n');
    gateway.process.kill('SIGHUP');
    await until('complaints', () => heard('policy-reload-failed') === 2);
    const [victim = 0, other = 0] = gateway.pids();
    process.kill(victim, 'SIGKILL');
    await until(
      'one that cannot start',
      () => gateway.lines().some(({ event }) => event === 'failed'),
      patienceMs,
    );
    expect(gateway.pids()).toEqual([other]);
    expect(await askAll(gateway, { query: '{ staff { name } }' })).toEqual(
      ten('{"staff":[{"name":"Ada"}]}'),
    );
    const ready = await fetch(`${gateway.adminUrl}/ready`);
    expect(await ready.json()).toEqual({ status: 'ready', workers: { ready: 1, wanted: 2 } });
    await writeFile(
      file,
      'version: 1\nrules: [{ name: a, fields: { Query: [staff], Person: [id] }, allow: everyone }]\n',
    );
    gateway.process.kill('SIGHUP');
    await until('new policies', () => heard('policy-reloaded') === 1);
    await until('another worker', () => gateway.pids().length === 2, patienceMs);
    expect(await askAll(gateway, { query: '{ staff { name } }' })).toEqual(
      ten('GRAPHQL_VALIDATION_FAILED'),
    );
    expect(await gateway.stop()).toBe(0);
  });
});

describe('two workers at midnight', { timeout: 120_000 }, () => {
  it('both refuse what was in shadow mode, and count a rate as one', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'fieldgate-clock-'));
    const clock = join(directory, 'clock');
    const shadow = `shadow: { until: ${dayFromNow(0)} }`;
    const midnight = Date.parse(`${dayFromNow(1)}T00:00:00Z`);
    await writeFile(clock, '0');
    const files = {
      ...smallFiles(upstream.url),
      'policies/access/b.yaml': `version: 1\nrules: [{ name: stay, fields: { Query: [person] }, require: { scopes: [a] }, ${shadow} }]\n`,
      'policies/rates/a.yaml': `version: 1\nrates: [{ name: few, fields: { Query: [staff] }, per: address, limit: 3, window: 1h, ${shadow} }]\n`,
    };
    await using gateway = await startWorkers(files, 2, {
      nodeArgs: [
        '--import',
        fileURLToPath(new URL('../support/shifted-clock.ts', import.meta.url)),
      ],
      env: { CLOCK_FILE: clock },
    });
    const person = { query: '{ person(id: "1") { id } }' };
    const staff = { query: '{ staff { id } }' };
    const one = '{"person":{"id":"1"}}';
    const all = '{"staff":[{"id":"1"}]}';
    expect(await askAll(gateway, person)).toEqual(ten(one));
    expect(await askAll(gateway, staff)).toEqual(ten(all));
    await writeFile(clock, String(midnight - Date.now()));
    expect(await askAll(gateway, person)).toEqual(ten('FORBIDDEN'));
    const told = await askAll(gateway, staff);
    expect(told).toEqual([...Array(7).fill('RATE_LIMITED'), ...Array(3).fill(all)].sort());
    expect(await gateway.stop()).toBe(0);
    // A worker's lines reach the log by way of the first process: all have once it has ended.
    const ended = gateway.lines().filter(({ kind }) => kind === 'policy-reloaded');
    expect(ended.map(({ notes }) => notes)).toEqual(
      Array(2).fill([expect.stringContaining('stay'), expect.stringContaining('few')]),
    );
    await rm(directory, { recursive: true });
  });
});
