/**
 * A served gateway whose audit log has no room left: nothing classified leaves unrecorded, all that
 * is not classified goes on, and when there is room again so does everything, by itself.
 *
 * A small tmpfs where one may be mounted; where not, a directory whose files may not grow (EFBIG)
 * is covered by test/watch/audit-log/full-disk.test.ts.
 */
import { unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { auditLines } from '../support/audit-files.ts';
import { playUpstream, serveFiles, smallFiles } from '../support/served.ts';
import { mountSmallDisk } from '../support/small-disk.ts';

const diskBytes = 2_097_152;
const ssn = '900-11-1111';

const disk = mountSmallDisk(diskBytes);

it.runIf(disk).each(['batch', 'strict'])('a full disk, %s', async (durability) => {
  const home = disk ?? '';
  const upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({ data: { person: { id: '42', fgs_id: '42', name: 'Ada', ssn } } }),
    );
  });
  const files = smallFiles(upstream.url);
  const directory = join(home, durability);
  await using gateway = await serveFiles({
    ...files,
    'gateway.yaml': `${files['gateway.yaml']}audit: { directory: ${directory}, durability: ${durability}, subjects: { Person: id } }\n`,
    'policies/access/staff.yaml': `
version: 1
rules:
  - { name: open, fields: { Query: [person], Person: [id, name] }, allow: everyone }
  - { name: ids, class: government-id, fields: { Person: [ssn] }, allow: everyone }
`,
  });
  const ask = async (query: string) => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ query });
    const response = await fetch(gateway.url, { method: 'POST', headers, body });
    return {
      status: response.status,
      id: response.headers.get('x-request-id'),
      text: await response.text(),
    };
  };
  const classified = () => ask('{ person(id: "42") { ssn } }');
  const open = () => ask('{ person(id: "42") { name } }');

  const sawIt: (string | null)[] = [];
  const first = await classified();
  expect(first.text).toContain(ssn);
  sawIt.push(first.id);
  await writeFile(join(home, 'ballast'), Buffer.alloc(diskBytes)).catch(() => undefined);

  // The last page has room for some more records; then none leaves any more.
  let refused = 0;
  for (let count = 0; refused < 3 && count < 200; count += 1) {
    const answer = await classified();
    if (answer.status === 200) sawIt.push(answer.id);
    else {
      refused += 1;
      expect(answer.status).toBe(503);
      expect(JSON.parse(answer.text).errors[0].extensions.code).toBe('AUDIT_UNAVAILABLE');
      expect(answer.text).not.toContain(ssn);
    }
  }
  expect(refused).toBe(3);
  for (let count = 0; count < 20; count += 1) {
    expect(await open()).toMatchObject({ status: 200, text: expect.stringContaining('Ada') });
  }
  expect((await classified()).status).toBe(503);
  expect((await ask('{ person(id: "42") { name ssn } }')).text).not.toContain(ssn);
  const health = await fetch(`${gateway.adminUrl}/metrics`);
  expect(await health.text()).toMatch(/gateway_audit_failing(?:\{[^}]*\})? 1\b/);
  const told = gateway.lines.filter((line) => line.kind === 'audit' && line.level === 'error');
  expect(told).not.toEqual([]);

  await unlink(join(home, 'ballast'));
  const deadline = Date.now() + 20_000;
  let answer = await classified();
  while (answer.status === 503 && Date.now() < deadline) {
    await pause(100);
    answer = await classified();
  }
  expect(answer.text).toContain(ssn);
  sawIt.push(answer.id);
  await gateway.closeOnly();

  const events = (await auditLines(directory)).map((line) => JSON.parse(line));
  const recorded = new Set(
    events
      .filter((one) => one.unmapped.gateway.delivered?.length > 0)
      .map((one) => one.unmapped.gateway.request),
  );
  expect(sawIt.length).toBeGreaterThan(1);
  expect(sawIt.filter((id) => id === null || !recorded.has(id))).toEqual([]);
  expect(events.some((one) => one.unmapped.gateway.decision === 'audit_gap')).toBe(true);
  await upstream.close();
});
