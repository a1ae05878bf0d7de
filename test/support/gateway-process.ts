/**
 * A gateway in a process of its own, as it is installed: `fieldgate serve` over files in a folder,
 * everything it prints kept. For what only a process can show: its death, its console, its disk.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withTestEngine } from './test-engine.ts';

export interface GatewayProcess {
  readonly url: string;
  readonly adminUrl: string;
  readonly pid: number;
  /** All it printed so far, on both streams. */
  printed(): string;
  /** Ends it; resolves once it is gone and all its output was read. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<{ code: number | null; signal: string | null }>;
}

const main = fileURLToPath(new URL('../../gateway/main.ts', import.meta.url));

export async function writeGatewayFiles(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'fieldgate-process-'));
  for (const [name, text] of Object.entries(withTestEngine(files))) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  return directory;
}

export const removeGatewayFiles = (directory: string): Promise<void> =>
  rm(directory, { recursive: true, force: true });

/**
 * Serves what is in `directory`; rejects with what was printed where it does not start.
 * `nodeArgs` are arguments of Node itself; `filesMax` are the files that it may have open.
 */
export async function startGatewayProcess(
  directory: string,
  nodeArgs: readonly string[] = [],
  more: readonly string[] = [],
  filesMax: number | 'unlimited' = 'unlimited',
): Promise<GatewayProcess> {
  const args = [...nodeArgs, main, 'serve', '--config', join(directory, 'gateway.yaml'), ...more];
  const [command, ...first] =
    filesMax === 'unlimited'
      ? [process.execPath]
      : ['sh', '-c', `ulimit -n ${filesMax}; exec "$0" "$@"`, process.execPath];
  const child = spawn(command, [...first, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close') as Promise<[number | null, string | null]>;
  let printed = '';
  const ready = Promise.withResolvers<RegExpExecArray>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      const match = /serving (\S+), health on ([^\s,]+)/.exec(printed);
      if (match !== null) ready.resolve(match);
    });
  }
  void closed.then(() => ready.reject(new Error(`the gateway did not start:\n${printed}`)));
  const [, url = '', adminUrl = ''] = await ready.promise;
  return {
    url,
    adminUrl,
    pid: child.pid ?? 0,
    printed: () => printed,
    async end(signal) {
      child.kill(signal);
      const [code, by] = await closed;
      return { code, signal: by };
    },
  };
}
