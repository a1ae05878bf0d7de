/** A gateway that is stopped while its audit log cannot be written says so, as a failure of its own. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import {
  removeGatewayFiles,
  startGatewayProcess,
  writeGatewayFiles,
} from '../support/gateway-process.ts';
import { playUpstream, smallFiles } from '../support/served.ts';
import { mountSmallDisk } from '../support/small-disk.ts';

const diskBytes = 1_048_576;

const disk = mountSmallDisk(diskBytes);

it.runIf(disk).each([
  { name: 'one process', more: [] },
  { name: 'workers', more: ['--workers', '1'] },
])('records that were not written: 1, and what they are of: $name', async ({ more }) => {
  const home = disk ?? '';
  const upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ data: { staff: [{ id: '42', name: 'Ada' }] } }));
  });
  onTestFinished(() => upstream.close());
  const files = smallFiles(upstream.url);
  const directory = await writeGatewayFiles({
    ...files,
    'gateway.yaml': `${files['gateway.yaml']}audit: { directory: ${join(home, 'audit')} }\n`,
  });
  onTestFinished(() => removeGatewayFiles(directory));
  const gateway = await startGatewayProcess(directory, [], more);
  await writeFile(join(home, 'ballast'), Buffer.alloc(diskBytes)).catch(() => undefined);
  // Until its file's last page is full as well.
  while (!gateway.printed().includes('"failing"')) {
    const body = JSON.stringify({ query: '{ staff { name } }' });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(gateway.url, { method: 'POST', headers, body });
    expect(answer.status).toBe(200);
    await answer.text();
  }
  expect(await gateway.end('SIGTERM')).toEqual({ code: 1, signal: null });
  await Promise.all(['ballast', 'audit'].map((name) => rm(join(home, name), { recursive: true })));
  expect(gateway.printed()).toMatch(/^fieldgate: the audit log: \d+ records .*ENOSPC$/m);
});
