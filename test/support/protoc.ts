/**
 * `protoc --decode`, a decoder that shares no code with ours. Debian's protobuf-compiler; installed
 * with apt-get where it is missing and we may.
 */
import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { requestNames, type Signal } from './otlp-schema.ts';

const run = promisify(execFile);
const directory = fileURLToPath(new URL('.', import.meta.url));

/** protoc's text of an export request; rejects when it cannot be decoded. */
export async function protocDecode(signal: Signal, bytes: Uint8Array): Promise<string> {
  await ensureInstalled();
  const child = spawn('protoc', [
    '-I',
    directory,
    `--decode=otlp.${requestNames[signal]}`,
    'otlp.proto',
  ]);
  child.stdin.end(bytes);
  const parts: Record<'stdout' | 'stderr', string> = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      parts[name] += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(parts.stdout);
      else reject(new Error(`protoc ended with ${code}: ${parts.stderr}`));
    });
  });
}

async function ensureInstalled(): Promise<void> {
  if (await isInstalled()) return;
  if (process.getuid?.() !== 0) {
    throw new Error('these tests need protoc: install protobuf-compiler');
  }
  const wait = ['-o', 'DPkg::Lock::Timeout=120'];
  try {
    await run('apt-get', [...wait, 'update']);
    await run('apt-get', [
      ...wait,
      'install',
      '-y',
      '--no-install-recommends',
      'protobuf-compiler',
    ]);
  } catch (error) {
    // Another test file may have been installing it at the same time.
    if (await isInstalled()) return;
    throw new Error('protobuf-compiler could not be installed with apt-get', { cause: error });
  }
}

async function isInstalled(): Promise<boolean> {
  try {
    await run('protoc', ['--version']);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
