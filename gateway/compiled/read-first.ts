/**
 * Runs the reads that decide whether a write may happen: each is a program of its own, and its rows
 * are not shared with other reads. Fails closed: a failed read is reported as a failure.
 */
import type { DelegationContext } from '../delegate/upstream.ts';
import { describeFault, UpstreamFailure } from '../errors.ts';
import type { AuthorizedOperation, FieldGuard, ReadBefore } from '../plan/plan.ts';
import type { AskBefore, ReadFailure } from '../plan/read-before.ts';
import type { Running } from './ask.ts';
import type { FetchMeans } from './compile-fetch.ts';
import { compileProgram } from './compile-program.ts';
import { type Program, Unsupported } from './program.ts';
import { runCall } from './run.ts';

/** Guards of a mutation's root fields, by result key, and the programs of their reads. */
export interface CompiledWrites {
  readonly guards: ReadonlyMap<string, FieldGuard>;
  readonly programs: ReadonlyMap<ReadBefore, Program>;
}

/**
 * Undefined if nothing is read first; Unsupported if the reference engine must take the operation.
 */
export function compileWrites(
  { writes }: Pick<AuthorizedOperation, 'writes'>,
  means: FetchMeans,
): CompiledWrites | Unsupported | undefined {
  if (writes === undefined) return undefined;
  const programs = new Map<ReadBefore, Program>();
  for (const read of [...writes.values()].flatMap(({ before = [] }) => before)) {
    const program = compileProgram(read.operation, means);
    if (program instanceof Unsupported) return program;
    programs.set(read, program);
  }
  return { guards: writes, programs };
}

/** Creates the reader; each read asks the upstream anew and reuses no other read's rows. */
export function createAskBefore(
  { programs }: CompiledWrites,
  context: DelegationContext,
): AskBefore {
  return async (read, variables) => {
    const program = programs.get(read);
    if (program === undefined) throw new Error('a read without a program');
    const tree: Record<string, unknown> = {};
    const running: Running = {
      program,
      variables,
      context,
      tree,
      known: undefined,
      failed: false,
    };
    await Promise.all(program.calls.map((call) => runCall(call, running)));
    return { data: tree, failures: running.failed ? failuresIn(tree) : [] };
  };
}

/** The first failure in a tree: the tree is small, and one failure is enough. */
function failuresIn(tree: unknown): readonly ReadFailure[] {
  const pending: unknown[] = [tree];
  for (const value of pending) {
    if (value instanceof UpstreamFailure) return [{ code: value.code, why: value.message }];
    if (value instanceof Error) return [{ code: 'INTERNAL', why: describeFault(value) }];
    if (typeof value === 'object' && value !== null) pending.push(...Object.values(value));
  }
  return [{ code: 'UPSTREAM_FAILED', why: 'a read before a write failed' }];
}
