/** What a trail that cannot start leaves behind: nothing that is open. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
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
