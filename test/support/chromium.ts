/**
 * A real browser for tests: the Chromium that CHROMIUM_PATH names, or one on the path, or one that is
 * installed with apt-get first where we may (as root on Debian). Without one the tests stop and say
 * so: they are never left out.
 */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

const run = promisify(execFile);

const names = ['chromium', 'chromium-browser', 'google-chrome'];
const needed = 'these tests need Chromium: install it, or set CHROMIUM_PATH';

/** To be closed by whoever asked for it. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = await findChromium();
  // Root has no sandbox of Chromium's; small containers have little in /dev/shm.
  const args = ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'];
  return await chromium.launch({ executablePath, args, timeout: 60_000 });
}

async function findChromium(): Promise<string> {
  const given = process.env.CHROMIUM_PATH;
  if (given !== undefined && given !== '') {
    if (await isExecutable(given)) return given;
    throw new Error(`CHROMIUM_PATH is ${given}, which cannot be run`);
  }
  return (await onPath()) ?? (await install());
}

async function onPath(): Promise<string | undefined> {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? '').split(delimiter)) {
      const file = join(folder, name);
      if (folder !== '' && (await isExecutable(file))) return file;
    }
  }
  return undefined;
}

async function install(): Promise<string> {
  if (process.getuid?.() !== 0) throw new Error(needed);
  const wait = ['-o', 'DPkg::Lock::Timeout=300'];
  try {
    await run('apt-get', [...wait, 'update']);
    await run('apt-get', [...wait, 'install', '-y', '--no-install-recommends', 'chromium']);
  } catch (error) {
    // Another test file may have been installing it at the same time.
    const found = await onPath();
    if (found !== undefined) return found;
    throw new Error(`${needed}; apt-get could not`, { cause: error });
  }
  const found = await onPath();
  if (found === undefined) throw new Error(needed);
  return found;
}

const isExecutable = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
