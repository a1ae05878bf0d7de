/**
 * A gateway that dies under load, again and again: every classified answer that a caller has read
 * is in the log of the next one, which verifies. The log's own twelve kills are in test/watch.
 */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseCommand } from '../../gateway/cli/command-line.ts';
import { auditLines } from '../support/audit-files.ts';
import {
  type GatewayProcess,
  removeGatewayFiles,
  startGatewayProcess,
  writeGatewayFiles,
} from '../support/gateway-process.ts';
import { playUpstream, smallFiles } from '../support/served.ts';

const kills = 3;
const ssn = '900-11-1111';

/** Asks without a pause until the gateway is dead; the ids of answers that were read to their end. */
async function askUntilDead(gateway: GatewayProcess, answered: string[]): Promise<void> {
  const body = JSON.stringify({ query: '{ person(id: "42") { ssn } }' });
  const one = async (): Promise<void> => {
    for (;;) {
      try {
        const headers = { 'content-type': 'application/json' };
        const response = await fetch(gateway.url, { method: 'POST', headers, body });
        const text = await response.text();
        if (text.includes(ssn)) answered.push(response.headers.get('x-request-id') ?? '');
      } catch {
        // Dead: what was not read to its end was not answered.
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: 4 }, one));
}

it('no classified answer is without its record', { timeout: 90_000 }, async () => {
  const upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ data: { person: { id: '42', fgs_id: '42', ssn } } }));
  });
  const files = smallFiles(upstream.url);
  const directory = await writeGatewayFiles({
    ...files,
    'gateway.yaml': `${files['gateway.yaml']}audit: { directory: audit, subjects: { Person: id }, rotate: { bytes: 65536 }, checkpoint: { records: 50 } }\n`,
    'policies/access/staff.yaml': `
version: 1
rules:
  - { name: open, fields: { Query: [person], Person: [id] }, allow: everyone }
  - { name: ids, class: government-id, fields: { Person: [ssn] }, allow: everyone }
`,
  });
  const answered: string[] = [];
  for (let kill = 0; kill < kills; kill += 1) {
    const gateway = await startGatewayProcess(directory);
    const enough = answered.length + 40 + Math.floor(Math.random() * 80);
    const watch = setInterval(() => {
      if (answered.length >= enough) process.kill(gateway.pid, 'SIGKILL');
    }, 1);
    await askUntilDead(gateway, answered);
    clearInterval(watch);
    expect(await gateway.end('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
  }
  // The next one recovers what the last left, and closes in peace.
  expect((await (await startGatewayProcess(directory)).end('SIGTERM')).code).toBe(0);
  await upstream.close();

  let report = '';
  const code = await parseCommand(
    ['audit', 'verify', '--json', '--config', join(directory, 'gateway.yaml')],
    {
      stdout: { write: (text) => (report += text) },
      stderr: { write: (text) => (report += text) },
      env: {},
      stop: new AbortController().signal,
    },
  );
  expect(code, report).toBe(0);
  const exported: string[] = [];
  await parseCommand(['audit', 'export', '--config', join(directory, 'gateway.yaml')], {
    stdout: { write: (text) => exported.push(...text.trimEnd().split('\n')) },
    stderr: { write: () => undefined },
    env: {},
    stop: new AbortController().signal,
  });
  const plain = await auditLines(join(directory, 'audit'));
  expect(exported.length).toBeGreaterThanOrEqual(plain.length);
  const recorded = new Set(exported.map((line) => JSON.parse(line).metadata.correlation_uid));
  expect(answered.length).toBeGreaterThan(kills * 40);
  expect(answered.filter((id) => !recorded.has(id))).toEqual([]);
  await removeGatewayFiles(directory);
});
