/**
 * The disk of the audit log does not answer any more: it is frozen for a snapshot, or its server is
 * gone. Nothing classified leaves; everything else goes on, whatever the log waits for; and when the
 * disk answers again, so does all of it, by itself.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { auditLines } from '../support/audit-files.ts';
import { mountFreezableDisk } from '../support/frozen-disk.ts';
import {
  removeGatewayFiles,
  startGatewayProcess,
  writeGatewayFiles,
} from '../support/gateway-process.ts';
import { until } from '../support/redis.ts';
import { playUpstream, smallFiles } from '../support/served.ts';

const ssn = '900-11-1111';
const disk = mountFreezableDisk();
/** Longer than the log waits for a disk; what takes as long hangs. */
const patienceMs = 15_000;

it.runIf(disk)('a disk that does not answer', { timeout: 120_000 }, async () => {
  if (disk === undefined) return;
  const upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ data: { person: { id: '42', fgs_id: '42', name: 'Ada', ssn } } }),
    );
  });
  const audit = join(disk.home, 'audit');
  const files = smallFiles(upstream.url);
  const directory = await writeGatewayFiles({
    ...files,
    'gateway.yaml': `${files['gateway.yaml']}audit: { directory: ${audit}, subjects: { Person: id } }\n`,
    'policies/access/staff.yaml': `
version: 1
rules:
  - { name: open, fields: { Query: [person], Person: [id, name] }, allow: everyone }
  - { name: ids, class: government-id, fields: { Person: [ssn] }, allow: everyone }
`,
  });
  const gateway = await startGatewayProcess(directory);
  const ask = async (query: string) => {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
      signal: AbortSignal.timeout(patienceMs),
    });
    const text = await response.text();
    return { status: response.status, id: response.headers.get('x-request-id'), text };
  };
  const classified = () => ask('{ person(id: "42") { ssn } }');
  const open = () => ask('{ person(id: "42") { name } }');
  const metrics = async () => {
    const signal = AbortSignal.timeout(patienceMs);
    return await (await fetch(`${gateway.adminUrl}/metrics`, { signal })).text();
  };
  const policy = join(directory, 'policies/access/staff.yaml');
  const change = async () => {
    await writeFile(policy, `${await readFile(policy, 'utf8')}# again\n`);
    const heard = () => gateway.printed().split('"policy-reloaded"').length;
    const before = heard();
    process.kill(gateway.pid, 'SIGHUP');
    await until('changed policies', () => heard() > before, patienceMs);
  };

  try {
    const first = await classified();
    expect(first.text).toContain(ssn);
    disk.freeze();
    const late = classified();
    late.catch(() => undefined);
    // As many as it takes for each of them to find the disk in another state.
    for (let count = 0; count < 20; count += 1) {
      expect(await open()).toMatchObject({ status: 200, text: expect.stringContaining('Ada') });
    }
    const refused = await late;
    expect(refused.status).toBe(503);
    expect(refused.text).toContain('AUDIT_UNAVAILABLE');
    expect(refused.text).not.toContain(ssn);
    expect(await metrics()).toMatch(/gateway_audit_failing(?:\{[^}]*\})? 1\b/);
    // Files are read by the same few threads that wait for the disk.
    for (let count = 0; count < 3; count += 1) {
      await change();
      expect((await classified()).status).toBe(503);
      expect((await open()).status).toBe(200);
    }
    disk.thaw();
    let answer = await classified();
    await until('the log', async () => {
      answer = await classified();
      return answer.status === 200;
    });
    expect(answer.text).toContain(ssn);
    expect(await gateway.end('SIGTERM')).toMatchObject({ code: 0 });

    const events = (await auditLines(audit)).map((line) => JSON.parse(line));
    const recorded = events
      .filter((one) => one.unmapped.gateway.delivered?.length > 0)
      .map((one) => one.unmapped.gateway.request);
    expect(recorded).toContain(first.id);
    expect(recorded).toContain(answer.id);
    expect(events.some((one) => one.unmapped.gateway.decision === 'audit_gap')).toBe(true);
  } finally {
    disk.thaw();
    await gateway.end('SIGKILL');
    await upstream.close();
    await removeGatewayFiles(directory);
  }
});
