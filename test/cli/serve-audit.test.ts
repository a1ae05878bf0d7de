/** What a trail that cannot start leaves behind, and what its lines in the log tell the operator. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { serveAudit } from '../../gateway/cli/serve/serve-audit.ts';
import { loadConfig } from '../../gateway/config.ts';
import { writeFiles } from '../support/config-files.ts';
import { smallFiles } from '../support/served.ts';

const obstacles = [
  { name: 'no folder for its chain', at: ['queries'], code: 'EEXIST' },
  { name: 'no file for dead letters', at: ['queries', 'dead-letter.ndjson'], code: 'EISDIR' },
];

it.each(obstacles)('of a second forwarder with $name', async ({ at, code }) => {
  const files = smallFiles('http://127.0.0.1:9');
  const directory = await writeFiles({
    ...files,
    'gateway.yaml': `${files['gateway.yaml']}telemetry: { otlp: "http://127.0.0.1:9" }\naudit: { directory: audit, subjects: {} }\n`,
  });
  const config = await loadConfig(join(directory, 'gateway.yaml'), { env: {} });
  const open = () => serveAudit(config, { env: {}, log: () => undefined });
  const inTheWay = join(directory, 'audit', ...at);
  await mkdir(dirname(inTheWay), { recursive: true, mode: 0o700 });
  await (code === 'EEXIST' ? writeFile(inTheWay, '') : mkdir(inTheWay));
  await expect(open()).rejects.toThrow(code);
  await rm(inTheWay, { recursive: true });
  // One process writes a directory's log: a lock that was left would refuse this.
  const audit = await open();
  expect(audit?.readings()).not.toHaveLength(0);
  await audit?.close();
});

it('says which chain cannot be written, and what that means for callers', async () => {
  const files = smallFiles('http://127.0.0.1:9');
  const directory = await writeFiles({
    ...files,
    'gateway.yaml': `${files['gateway.yaml']}telemetry: { otlp: "http://127.0.0.1:9" }\naudit: { directory: audit, subjects: {} }\n`,
  });
  const config = await loadConfig(join(directory, 'gateway.yaml'), { env: {} });
  const lines: object[] = [];
  const log = (line: string) => lines.push(JSON.parse(line));
  const audit = await serveAudit(config, { env: {}, log, slot: 2 });
  const chain = join(directory, 'audit', 'worker-2');
  audit?.policyChanged({ kind: 'reloaded', from: 'a', to: 'b', problems: [] });
  const about = { kind: 'audit', directory: chain };
  await expect
    .poll(() => lines, { timeout: 20_000 })
    .toContainEqual(
      expect.objectContaining({
        ...about,
        level: 'warning',
        forwarder: expect.objectContaining({ kind: 'failing' }),
      }),
    );
  for (const name of await readdir(chain))
    if (name.endsWith('.ndjson')) await rm(join(chain, name));
  await expect
    .poll(() => lines, { timeout: 20_000 })
    .toContainEqual({
      ...about,
      level: 'error',
      note: 'nothing classified leaves until the log can be written',
      news: { kind: 'failing', reason: expect.any(String) },
    });
  await expect(audit?.close()).rejects.toThrow();
});
