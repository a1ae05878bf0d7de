/**
 * The demo as a newcomer starts it: `npm start` in a child process of its own group, on free
 * ports, with its keys in a directory of the test's own.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface PrintedCaller {
  readonly token: string;
  readonly curl: string;
  /** The URL and the body of the curl line. */
  readonly url: string;
  readonly body: string;
}

export interface DemoProcess {
  readonly endpoint: string;
  readonly callers: Readonly<Record<string, PrintedCaller>>;
  /** Everything printed so far. */
  printed(): string;
  /** Resolves once the printed text matches; rejects when the demo ends or 30 s pass first. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends SIGTERM to npm alone, as a service manager does; resolves with how it ended. */
  stop(): Promise<{ code: number | null; signal: string | null; tookMs: number }>;
  /** Ends whatever is left of the group and removes the keys. */
  cleanUp(): Promise<void>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export async function startDemoProcess(): Promise<DemoProcess> {
  const directory = await mkdtemp(join(tmpdir(), 'fieldgate-demo-'));
  const [gateway, admin, hris, payroll, accounts] = await freePorts(5);
  const child = spawn('npm', ['start'], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      FIELDGATE_DEMO_DIR: directory,
      FIELDGATE_PORT: String(gateway),
      FIELDGATE_ADMIN_PORT: String(admin),
      HRIS_PORT: String(hris),
      PAYROLL_PORT: String(payroll),
      ACCOUNTS_PORT: String(accounts),
    },
  });
  const output = watchOutput(child);
  const cleanUp = async () => {
    killGroup(child);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await output.until(/Ctrl-C/);
  } catch (error) {
    await cleanUp();
    throw error;
  }
  const [, endpoint = ''] = await output.until(/endpoint +(\S+)/);
  return {
    endpoint,
    callers: printedCallers(output.printed()),
    ...output,
    stop: () => stop(child),
    cleanUp,
  };
}

function watchOutput(child: ChildProcess): Pick<DemoProcess, 'printed' | 'until'> {
  let text = '';
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const check of [...waiting]) check();
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      wake();
    });
  }
  child.once('close', wake);
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  const until = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        waiting.delete(check);
        settle();
      };
      const check = () => {
        const found = pattern.exec(text);
        if (found !== null) finish(() => resolve(found));
        else if (ended()) finish(() => reject(new Error(`the demo ended:\n${text}`)));
      };
      const late = () => finish(() => reject(new Error(`nothing matched ${pattern}:\n${text}`)));
      const timer = setTimeout(late, 30_000);
      waiting.add(check);
      check();
    });
  return { printed: () => text, until };
}

function printedCallers(text: string): Record<string, PrintedCaller> {
  const sections = text.matchAll(/^(\w+): .*\n +scopes .*\n +header +(printf .*)\n +try +(.*)$/gm);
  return Object.fromEntries(
    [...sections].map(([, name = '', header = '', curl = '']) => {
      const line = execFileSync('sh', ['-c', header], { cwd: root, encoding: 'utf8' });
      const [, token = ''] = /^\{"authorization": "Bearer (\S+)"\}\n$/.exec(line) ?? [];
      const [, url = '', body = ''] = /^curl -s (\S+) .* -d '(.*)'$/.exec(curl) ?? [];
      return [name, { token, curl, url, body }];
    }),
  );
}

function stop(child: ChildProcess): ReturnType<DemoProcess['stop']> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    // Not `exit`: the pipes close only when nothing of the demo is left to hold them.
    child.once('close', (code, signal) =>
      resolve({ code, signal, tookMs: performance.now() - startedAt }),
    );
    child.kill('SIGTERM');
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // ESRCH: the group is gone already, as it should be.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
