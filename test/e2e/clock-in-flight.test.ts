/** The machine's clock is set while an operation is under way: its time is not over, nor longer. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { playUpstream, smallFiles } from '../support/served.ts';
import { startWorkers } from '../support/worker-processes.ts';

const hourMs = 3_600_000;
const shiftedClock = fileURLToPath(new URL('../support/shifted-clock.ts', import.meta.url));

it.each([
  { name: 'ahead', shiftMs: hourMs },
  { name: 'back', shiftMs: -hourMs },
])('a clock that is set $name', { timeout: 120_000 }, async ({ shiftMs }) => {
  const directory = await mkdtemp(join(tmpdir(), 'fieldgate-clock-'));
  const clock = join(directory, 'clock');
  await writeFile(clock, '0');
  let calls = 0;
  const upstream = await playUpstream(async (_request, response, body) => {
    calls += 1;
    if (calls === 1) await writeFile(clock, String(shiftMs));
    response.setHeader('content-type', 'application/json');
    const [, name = 'rename'] = /(\w+)\s*:\s*rename/.exec(JSON.parse(body).query) ?? [];
    response.end(JSON.stringify({ data: { [name]: { id: '1' } } }));
  });
  const rule = `
version: 1
rules:
  - name: all
    fields: { Query: [staff], Mutation: [rename], Person: [id] }
    allow: everyone
`;
  const files = { ...smallFiles(upstream.url), 'policies/access/staff.yaml': rule };
  {
    await using gateway = await startWorkers(files, 1, {
      nodeArgs: ['--import', shiftedClock],
      env: { CLOCK_FILE: clock },
    });
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query:
          'mutation { one: rename(id: "1", name: "a") { id } two: rename(id: "1", name: "b") { id } }',
      }),
    });
    expect(await response.json()).toEqual({ data: { one: { id: '1' }, two: { id: '1' } } });
    expect(calls).toBe(2);
  }
  await upstream.close();
  await rm(directory, { recursive: true, force: true });
});
