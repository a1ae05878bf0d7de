/**
 * A module that answers from a process of its own, with a heap of its own: what fills it ends that
 * process alone. No thread: where the CPU has memory protection keys, V8 ends a process whose
 * threads compile at the same moment, now and then.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';

/** What the module says to `answerAsProcess`; throws where it ends without an answer. */
export async function answerOfProcess(
  module: URL,
  { heapMb, given }: { readonly heapMb: number; readonly given?: unknown },
): Promise<unknown> {
  const asked = fork(module, {
    execArgv: [`--max-old-space-size=${heapMb}`],
    serialization: 'advanced',
  });
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  asked.on('error', reject);
  asked.on('message', resolve);
  asked.on('exit', (code, signal) => reject(new Error(`ended early: ${signal ?? code}`)));
  asked.send({ given });
  try {
    return await promise;
  } finally {
    asked.kill();
  }
}

/** In that process: answers once with what `toAnswer` makes of what was given. */
export async function answerAsProcess<Given>(
  toAnswer: (given: Given) => Promise<unknown>,
): Promise<void> {
  const [{ given }] = await once(process, 'message');
  process.send?.(await toAnswer(given));
}
