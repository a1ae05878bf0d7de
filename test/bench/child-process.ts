/**
 * Processes that a bench measures from outside: a gateway with a configuration of its own, and
 * servers that answer a constant. CPU time is read from /proc, so benches with it run on Linux.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import manifest from '../../package.json' with { type: 'json' };

export interface Child extends AsyncDisposable {
  /** Of the endpoint. */
  readonly url: string;
  /** CPU time used so far, all threads, in steps of 10 ms. */
  cpuMs(): number;
}

export interface GatewayChild extends Child {
  readonly pid: number;
  /** Ends the process and resolves with what it wrote. */
  stop(): Promise<{ log: string; complaints: string }>;
}

/** Of Node, as the gateway's npm scripts have them. */
export const nodeFlags: readonly string[] = manifest.scripts.fieldgate
  .split(' ')
  .filter((word) => word.startsWith('--'));

/** The gateway's own program, run as its npm scripts run it. */
export const main = [
  ...nodeFlags,
  fileURLToPath(new URL('../../gateway/main.ts', import.meta.url)),
];
const running = new Set<ChildProcess>();
// However a bench ends, also where nobody reads it any more: nothing goes on without it.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

function owned<Child extends ChildProcess>(child: Child): Child {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

const constant = fileURLToPath(new URL('constant-server.ts', import.meta.url));

/**
 * A gateway over `files`, with `gateway.yaml` among them; `preload` is run before its own code,
 * `more` are further arguments of `serve`.
 */
export async function startGateway(
  files: Readonly<Record<string, string>>,
  preload?: string,
  more: readonly string[] = [],
): Promise<GatewayChild> {
  const directory = await mkdtemp(join(tmpdir(), 'fieldgate-bench-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  const logFile = join(directory, 'log.ndjson');
  // A file as in production, and no reader that takes CPU time from what is measured.
  const log = await open(logFile, 'w');
  const before =
    preload === undefined ? [] : ['--import', `data:text/javascript,${encodeURI(preload)}`];
  const child = owned(
    spawn(
      process.execPath,
      [...before, ...main, 'serve', '--config', join(directory, 'gateway.yaml'), ...more],
      { stdio: ['ignore', log.fd, 'pipe'] },
    ),
  );
  let complaints = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const url = await printed(child, () => /serving (\S+),/.exec(complaints)?.[1]).catch(() => {
    throw new Error(`the gateway did not start:\n${complaints}`);
  });
  let stopping: Promise<{ log: string; complaints: string }> | undefined;
  const stopOnce = async () => {
    await end(child);
    const text = await readFile(logFile, 'utf8');
    await log.close();
    await rm(directory, { recursive: true, force: true });
    return { log: text, complaints };
  };
  const stop = () => {
    stopping ??= stopOnce();
    return stopping;
  };
  return {
    url,
    pid: child.pid ?? 0,
    stop,
    cpuMs: () => treeCpuMs(child.pid ?? 0),
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

/** A server that answers everything alike, see constant-server.ts. */
export async function startConstant(answer: {
  status?: number;
  body: string;
  delayMs?: number;
}): Promise<Child> {
  const { status = 200, body, delayMs = 0 } = answer;
  const child = owned(
    spawn(process.execPath, [constant, String(status), body, String(delayMs)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const port = await printed(child, () => /^(\d+)\n/.exec(text)?.[1]);
  return {
    url: `http://127.0.0.1:${port}/`,
    cpuMs: () => cpuMs(child),
    [Symbol.asyncDispose]: () => end(child),
  };
}

/** A script beside this file that prints its port. */
export async function startScript(file: string, args: readonly string[]): Promise<Child> {
  const script = fileURLToPath(new URL(file, import.meta.url));
  const child = owned(
    spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const port = await printed(child, () => /^(\d+)\n/.exec(text)?.[1]);
  return {
    url: `http://127.0.0.1:${port}/`,
    cpuMs: () => cpuMs(child),
    [Symbol.asyncDispose]: () => end(child),
  };
}

async function printed(child: ChildProcess, read: () => string | undefined): Promise<string> {
  for (;;) {
    const found = read();
    if (found !== undefined) return found;
    if (child.exitCode !== null) throw new Error('a process ended before it was ready');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Resolves once it has ended; it is killed when it does not end by itself. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(late);
}

/** Of a process and its children: all that a gateway of several processes uses. */
function treeCpuMs(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  const pids = children === '' ? [] : children.split(' ').map(Number);
  return [pid, ...pids].reduce((sum, one) => sum + processCpuMs(one), 0);
}

/** All threads, user and system, in steps of 10 ms. */
export function cpuMs(child: ChildProcess): number {
  return processCpuMs(child.pid ?? 0);
}

/** Of one process, all threads, user and system, in steps of 10 ms. */
export function processCpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name, in brackets, may hold blanks; user and system time are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** A key set, and as many signed tokens of different callers as are asked for. */
export async function makeTokens(count: number): Promise<{ jwks: string; tokens: string[] }> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwks = JSON.stringify({
    keys: [{ ...(await exportJWK(publicKey)), kid: 'bench', alg: 'ES256', use: 'sig' }],
  });
  const tokens = Array.from({ length: count }, (_, at) =>
    new SignJWT({ scope: 'staff:read' })
      .setProtectedHeader({ alg: 'ES256', kid: 'bench' })
      .setIssuer('https://idp.example.com')
      .setAudience('bench')
      .setSubject(`caller-${at}`)
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(privateKey),
  );
  return { jwks, tokens: await Promise.all(tokens) };
}

/** One GraphQL upstream and callers with tokens; policies of their own may be added. */
export function benchFiles(upstreamUrl: string, jwks: string): Record<string, string> {
  return {
    'jwks.json': jwks,
    'gateway.yaml': `
version: 1
listen: { port: 0 }
admin: { port: 0 }
upstreams:
  staff: { graphql: staff.graphql, url: ${upstreamUrl} }
identity:
  jwt:
    - { issuer: "https://idp.example.com", audience: bench, jwks: jwks.json, algorithms: [ES256] }
introspection: nobody
`,
    'staff.graphql': `
type Query { person(id: ID!): Person people(id: ID!): [Person!] }
type Person { id: ID! name: String! title: String ssn: String }
`,
    'policies/access/staff.yaml': `
version: 1
rules:
  - name: directory
    fields: { Query: [person, people], Person: [id, name, title] }
    allow: { scopes: [staff:read] }
  - name: ssn
    fields: { Person: [ssn] }
    allow: { scopes: [staff:ssn] }
`,
  };
}
