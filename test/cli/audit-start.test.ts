/** Who asks the audit log does not wait for engines: their packages are not loaded. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../gateway/main.ts', import.meta.url));

/** Writes the packages that a process loads to its standard error when it ends. */
const watchLoading = `
import { registerHooks } from 'node:module';
const packages = new Set();
registerHooks({
  load(url, context, next) {
    const name = /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1];
    if (name !== undefined) packages.add(name);
    return next(url, context);
  },
});
process.on('exit', () => process.stderr.write(JSON.stringify([...packages])));
`;

async function packagesOf(...args: string[]): Promise<string[]> {
  const preload = `data:text/javascript,${encodeURIComponent(watchLoading)}`;
  const { stderr } = await promisify(execFile)(process.execPath, [
    ...['--import', preload],
    main,
    ...args,
  ]);
  return JSON.parse(stderr) as string[];
}

describe('fieldgate audit', () => {
  it('loads no engine', async () => {
    const packages = await packagesOf('audit', '--help');
    expect(packages).toContain('yaml');
    expect(packages.filter((name) => /graphql|undici|opentelemetry|lodash/.test(name))).toEqual([]);
  });
});
