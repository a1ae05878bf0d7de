/** A folder of a test's own, which goes with the test. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** New and empty; throws where no test runs, as in `beforeAll`. */
export async function tempFolder(name = 'test'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `fieldgate-${name}-`));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
