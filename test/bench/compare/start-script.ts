/** A server of the benchmark in a process of its own: a script that prints its port. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { cpuMs, end } from '../child-process.ts';
import { rssMb } from './resident-memory.ts';

export interface Script extends AsyncDisposable {
  readonly url: string;
  /** All threads, so far. */
  cpuMs(): number;
  /** Resident now. */
  rssMb(): number;
}

const startMaxMs = 30_000;

/** `file` is relative to this one, `flags` are Node's. Throws where no port comes in 30 seconds, or it ends before. */
export async function startScript(
  file: string,
  args: readonly string[],
  flags: readonly string[] = [],
): Promise<Script> {
  const script = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, [...flags, script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new AbortController();
  child.once('exit', () => ended.abort(new Error(`${file} ended before it was ready`)));
  const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(startMaxMs)]);
  try {
    const [line] = await once(child.stdout, 'data', { signal });
    return {
      url: `http://127.0.0.1:${Number(String(line))}/`,
      cpuMs: () => cpuMs(child),
      rssMb: () => rssMb(child.pid),
      [Symbol.asyncDispose]: () => end(child),
    };
  } catch (fault) {
    await end(child);
    throw fault;
  }
}
