/** Rules that look at objects are the same in every worker, also after a reload. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Pool } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../support/redis.ts';
import { type PlayedUpstream, playUpstream, smallFiles } from '../support/served.ts';
import { patienceMs, startWorkers } from '../support/worker-processes.ts';

let upstream: PlayedUpstream;
/** `fgw_id`: what the gateway asks for to look at. */
const rows = ['p1', 'p2', 'p3'].map((id) => ({ id, fgw_id: id, ssn: `900-11-${id}` }));

beforeAll(async () => {
  upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ data: { staff: rows } }));
  });
});
afterAll(() => upstream.close());

const rules = (own: string): string => `
version: 1
rules:
  - { name: open, fields: { Query: [staff], Person: [id, name] }, allow: everyone }
  - { name: own, class: government-id, fields: { Person: [ssn] }, allow: { when: 'object.id == "${own}"' } }
`;

/** What each of many connections sees, each answer once. */
async function seenBy(url: string, times: number): Promise<string[]> {
  const { origin, pathname } = new URL(url);
  const answers = Array.from({ length: times }, async () => {
    const pool = new Pool(origin, { connections: 1 });
    const { body } = await pool.request({
      method: 'POST',
      path: pathname,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ staff { id ssn } }' }),
    });
    const { data } = (await body.json()) as { data: { staff: { ssn: string | null }[] } };
    await pool.close();
    return data.staff.map(({ ssn }) => ssn ?? '-').join(' ');
  });
  return [...new Set(await Promise.all(answers))];
}

it('two workers judge objects alike, and follow a reload', { timeout: 120_000 }, async () => {
  const files = { ...smallFiles(upstream.url), 'policies/access/staff.yaml': rules('p1') };
  await using gateway = await startWorkers(files, 2);
  expect(await seenBy(gateway.url, 20)).toEqual(['900-11-p1 - -']);
  await writeFile(join(gateway.directory, 'policies/access/staff.yaml'), rules('p2'));
  gateway.process.kill('SIGHUP');
  const reloads = () => gateway.lines().filter(({ kind }) => kind === 'policy-reloaded').length;
  await until('new policies', () => reloads() === 2, patienceMs);
  expect(await seenBy(gateway.url, 20)).toEqual(['- 900-11-p2 -']);
});
