/** How many events a full disk has cost: a total, which falls never, whatever the events were. */
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { serveAudit } from '../../gateway/cli/serve/serve-audit.ts';
import { loadAll } from '../../gateway/snapshot/load.ts';
import { writeFiles } from '../support/config-files.ts';
import { smallFiles } from '../support/served.ts';

async function fileHandles(): Promise<FileHandle> {
  await using file = await open('/dev/null');
  return Object.getPrototypeOf(file);
}

it('counts policies that were loaded meanwhile, also once the log works again', async () => {
  const files = smallFiles('http://127.0.0.1:9');
  const directory = await writeFiles({
    ...files,
    'gateway.yaml': `${files['gateway.yaml']}audit: { directory: audit }\n`,
  });
  const { config } = await loadAll(join(directory, 'gateway.yaml'), { env: {} });
  const audit = await serveAudit(config, { env: {}, log: () => undefined });
  if (audit === undefined) throw new Error('there is no audit log');
  const read = (name: string) => audit.readings().find((one) => one.name === name)?.value;
  const full = Object.assign(new Error('full'), { code: 'ENOSPC' });
  const failing = vi.spyOn(await fileHandles(), 'write').mockRejectedValue(full);
  onTestFinished(() => failing.mockRestore());
  const change = { kind: 'reloaded', from: 'a', to: 'b', problems: [] } as const;
  audit.policyChanged(change);
  await expect.poll(() => read('gateway.audit.failing'), { timeout: 20_000 }).toBe(1);
  audit.policyChanged(change);
  expect(read('gateway.audit.refused')).toBe(1);
  failing.mockRestore();
  await expect.poll(() => read('gateway.audit.failing'), { timeout: 20_000 }).toBe(0);
  expect(read('gateway.audit.refused')).toBe(1);
  await audit.close();
});
