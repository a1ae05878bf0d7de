/** What workers share, or each does for itself: budgets, a store that goes away, what a SIEM is sent. */
import { join } from 'node:path';
import { Pool } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditLines } from '../support/audit-files.ts';
import { startOtlpSink } from '../support/otlp-sink.ts';
import { startRedis, until } from '../support/redis.ts';
import { type PlayedUpstream, playUpstream, smallFiles } from '../support/served.ts';
import { startWorkers } from '../support/worker-processes.ts';

const rowsEach = 4;
let upstream: PlayedUpstream;

beforeAll(async () => {
  let last = 0;
  upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    const staff = Array.from({ length: rowsEach }, () => {
      last += 1;
      return { id: `p${last}`, fgs_id: `p${last}`, name: 'Ada', ssn: `900-11-${1000 + last}` };
    });
    response.end(JSON.stringify({ data: { staff } }));
  });
});
afterAll(() => upstream.close());

function files(section: string, rates: string): Record<string, string> {
  const small = smallFiles(upstream.url);
  return {
    ...small,
    'gateway.yaml': `${small['gateway.yaml']}${section}`,
    'policies/access/staff.yaml': `
version: 1
rules:
  - { name: open, fields: { Query: [staff, person], Mutation: [rename], Person: [id, name] }, allow: everyone }
  - { name: ids, class: government-id, fields: { Person: [ssn] }, allow: everyone }
`,
    'policies/limits/default.yaml': 'version: 1\nlimits: { inFlightPerCaller: 1000 }\n',
    'policies/rates/default.yaml': `version: 1\nrates:\n${rates}`,
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

const valuesIn = (answers: readonly Answer[]): string[] =>
  answers.flatMap(({ text }) => text.match(/900-11-\d+/g) ?? []);

/** Over connections of its own, so that all workers get some; in parallel. */
async function askOften(url: string, query: string, times: number): Promise<Answer[]> {
  const { origin, pathname } = new URL(url);
  const answers = Array.from({ length: times }, async () => {
    const pool = new Pool(origin, { connections: 1 });
    const { statusCode, body } = await pool.request({
      method: 'POST',
      path: pathname,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    const text = await body.text();
    await pool.close();
    return { status: statusCode, text };
  });
  return await Promise.all(answers);
}

const bodyOf = (item: Record<string, unknown>): string =>
  String((item.body as { stringValue?: unknown }).stringValue);

describe('two workers', { timeout: 120_000 }, () => {
  it('deliver no more values together than a budget has, however they are asked', async () => {
    const budget = 18;
    const rates = `  - { name: ssns, fields: { Person: [ssn] }, per: address, counts: records, limit: ${budget}, window: 1h }\n`;
    await using gateway = await startWorkers(files('', rates), 2);
    const answers = await askOften(gateway.url, '{ staff(first: 4) { id ssn } }', 40);
    const together = valuesIn(answers);
    expect(together.length).toBeLessThanOrEqual(budget);
    // What was reserved and did not leave is there for later ones.
    const later: Answer[] = [];
    await until('nothing to be left', async () => {
      later.push(...(await askOften(gateway.url, '{ staff { id ssn } }', 1)));
      return later.at(-1)?.status === 429;
    });
    const values = [...together, ...valuesIn(later)];
    expect([values.length, new Set(values).size]).toEqual([budget, budget]);
  });

  it('refuse while the store is gone, and go on by themselves when it is back', async () => {
    const redis = await startRedis({ own: true });
    const section = `store: ${redis.url}\nstoreSecret: sixteen characters\nonStoreDown: refuse\n`;
    const rates = '  - { name: all, per: address, limit: 1000, window: 1h }\n';
    await using gateway = await startWorkers(files(section, rates), 2);
    const statuses = async () =>
      (await askOften(gateway.url, '{ staff { id } }', 8)).map(({ status }) => status);
    const eight = (status: number) => Array.from({ length: 8 }, () => status);
    await until('all to be answered', async () => (await statuses()).every((one) => one === 200));
    await redis.kill();
    expect(await statuses()).toEqual(eight(503));
    await redis.restart();
    await until('the store', async () => (await statuses()).every((one) => one === 200));
    await redis.stop();
  });

  it('send every line of each of their chains to the collector', async () => {
    const sink = await startOtlpSink();
    const section = `telemetry: { otlp: "${sink.url}" }\naudit: { directory: audit, subjects: { Person: id } }\n`;
    const rates = '  - { name: all, per: address, limit: 1000, window: 1h }\n';
    await using gateway = await startWorkers(files(section, rates), 2);
    const answers = await askOften(gateway.url, '{ staff { id ssn } }', 40);
    // Workers that have just begun may shed some on a busy machine; those have their lines too.
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
    expect(await gateway.stop()).toBe(0);
    const chains = await Promise.all(
      [1, 2].map((worker) => auditLines(join(gateway.directory, 'audit', `worker-${worker}`))),
    );
    for (const chain of chains) expect(chain.length).toBeGreaterThan(0);
    const sent = sink.accepted('logs').map(bodyOf);
    expect(new Set(sent)).toEqual(new Set(chains.flat()));
    expect(sink.complaints).toEqual([]);
    await sink.close();
  });
});
