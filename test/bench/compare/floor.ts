/** The floor: what cannot be gone below, and what a process in between costs at least. */
import { request } from 'undici';
import { nodeFlags } from '../child-process.ts';
import type { Contender } from './contender.ts';
import type { Site } from './site.ts';
import type { Started } from './start-process.ts';
import { type Script, startScript } from './start-script.ts';
import { workloads } from './workloads.ts';

const constant: Contender = {
  name: 'constant answer',
  about: 'node:http with one prepared answer, no upstream',
  view: 'unchecked',
  isSecured: false,
  start: startConstants,
};

/** One for each workload, so that each has a body of the right size. */
async function startConstants(): Promise<Started> {
  await using starting = new AsyncDisposableStack();
  const spawnedMs = performance.now();
  let startUpMs = 0;
  const servers = new Map<string, Script>();
  for (const { name, open } of workloads) {
    const body = JSON.stringify({ data: open(0).data });
    servers.set(name, starting.use(await startScript('../constant-server.ts', ['200', body])));
    if (servers.size > 1) continue;
    await answered(servers.get(name)?.url ?? '');
    startUpMs = performance.now() - spawnedMs;
  }
  const open = starting.move();
  return {
    url: (workload) => servers.get(workload)?.url ?? '',
    cpuMs: () => [...servers.values()].reduce((sum, server) => sum + server.cpuMs(), 0),
    rssMb: () => servers.get('W1')?.rssMb() ?? Number.NaN,
    startUpMs,
    firstFaults: [],
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

async function answered(url: string): Promise<void> {
  const { body } = await request(url);
  await body.dump();
}

const proxy: Contender = {
  name: 'reverse proxy',
  about:
    'node:http and an undici pool, with the gateway’s flags of Node; W3 makes both calls and hands on both bodies',
  view: 'unchecked',
  isSecured: false,
  async start({ restUrl, payUrl }: Site): Promise<Started> {
    const spawnedMs = performance.now();
    const child = await startScript('reverse-proxy.ts', [restUrl, payUrl], nodeFlags);
    await answered(new URL('/employees/1', child.url).href);
    return {
      url: () => child.url,
      cpuMs: () => child.cpuMs(),
      rssMb: () => child.rssMb(),
      startUpMs: performance.now() - spawnedMs,
      firstFaults: [],
      [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
    };
  },
};

export const floor: readonly Contender[] = [constant, proxy];
