/**
 * The compiled engine: compiles an authorised operation once into upstream calls and a projector,
 * and runs it with each request's variables. An operation that it does not recognise, or that the
 * second lock rejects, goes to the reference engine, and the record states the reason.
 *
 * Programs are keyed by plan and live as long as its entry in the plan cache. They hold no value of
 * a caller.
 */

import { createMemo } from '../caches/memo.ts';
import { toCallerName } from '../caller-name.ts';
import type { DelegationContext } from '../delegate/upstream.ts';
import type { Engine, EngineError, EngineResult } from '../engine.ts';
import type { Delivery } from '../plan/delivery.ts';
import type { AuthorizedOperation } from '../plan/plan.ts';
import { mayWrite } from '../plan/read-before.ts';
import type { RequestRecord } from '../request.ts';
import type { Running } from './ask.ts';
import type { FetchMeans } from './compile-fetch.ts';
import { compileProgram } from './compile-program.ts';
import { type Program, Unsupported } from './program.ts';
import { compileProjector, type Projector } from './projector.ts';
import { type CompiledWrites, compileWrites, createAskBefore } from './read-first.ts';
import { createReferenceGate } from './reference-gate.ts';
import { runCall } from './run.ts';
import { Settler } from './settle.ts';

/** Judges one request with these variables, as the caller sent them. */
type MayRun = (record: RequestRecord, variables: Readonly<Record<string, unknown>>) => boolean;

export interface CompiledEngineOptions extends FetchMeans {
  /** The engine for operations that cannot be compiled. */
  readonly fallback: Engine;
  /** How many operations `fallback` may run at once. */
  readonly fallbackInFlight: number;
  /** The second lock: whether the caller of a request may have what the operation asks for. */
  readonly lockOf: (operation: AuthorizedOperation) => MayRun;
}

interface Compiled {
  /** Undefined if nothing is left to fetch. */
  readonly program: Program | undefined;
  readonly project: Projector;
  readonly mayRun: MayRun;
  /** The reads before root fields; undefined if there are none. */
  readonly writes: CompiledWrites | undefined;
}

/** Creates an engine that compiles each plan once and keeps the program as long as the plan. */
export function createCompiledEngine(options: CompiledEngineOptions): Engine {
  const compiledByOperation = createMemo<AuthorizedOperation, Compiled | Unsupported>();

  const compiledOf = (operation: AuthorizedOperation): Compiled | Unsupported => {
    const found = compiledByOperation.get(operation);
    if (found !== undefined) return found;
    const compiled = compile(operation, options);
    compiledByOperation.set(operation, compiled);
    return compiled;
  };

  const gate = createReferenceGate(options.fallbackInFlight);

  const fallBack = async (
    ...asked: Parameters<Engine['execute']>
  ): ReturnType<Engine['execute']> => {
    const { signal, record } = asked[2];
    const caller = toCallerName(record.caller, record.network);
    const refusal = await gate.enter(signal, caller);
    if (refusal !== undefined) return refusal;
    try {
      return await options.fallback.execute(...asked);
    } finally {
      gate.leave(caller);
    }
  };

  return {
    name: 'compiled',
    fallbackReason(operation) {
      const compiled = compiledOf(operation);
      return compiled instanceof Unsupported ? compiled.reason : undefined;
    },
    execute(operation, variables, context, delivery) {
      const compiled = compiledOf(operation);
      const { record } = context;
      if (compiled instanceof Unsupported || !compiled.mayRun(record, variables)) {
        record.engine = options.fallback.name;
        record.engineReason = compiled instanceof Unsupported ? compiled.reason : 'second-lock';
        return fallBack(operation, variables, context, delivery);
      }
      const { program, project, writes } = compiled;
      if (program === undefined) {
        return Promise.resolve({ projected: project({}, delivery), errors: [] });
      }
      return run({ program, project, writes }, { variables, context, delivery });
    },
  };
}

function compile(
  operation: AuthorizedOperation,
  options: CompiledEngineOptions,
): Compiled | Unsupported {
  const project = compileProjector(operation.projection);
  if (operation.document === undefined) {
    return { program: undefined, project, mayRun: () => true, writes: undefined };
  }
  const program = compileProgram(operation, options);
  if (program instanceof Unsupported) return program;
  const writes = compileWrites(operation, options);
  if (writes instanceof Unsupported) return writes;
  return { program, project, mayRun: options.lockOf(operation), writes };
}

async function run(
  {
    program,
    project,
    writes,
  }: { program: Program; project: Projector; writes: CompiledWrites | undefined },
  request: {
    variables: Readonly<Record<string, unknown>>;
    context: DelegationContext;
    delivery: Delivery;
  },
): Promise<EngineResult> {
  const { variables, context, delivery } = request;
  const tree: Record<string, unknown> = {};
  const running: Running = {
    program,
    variables,
    context,
    tree,
    known: undefined,
    failed: false,
  };
  const settler = new Settler();
  const { calls } = program;
  if (program.isSerial) {
    const first = writes && toFirst(writes, { context, delivery, errors: settler.errors });
    const data = await runSerially(program, running, settler, first);
    context.signal.throwIfAborted();
    return { projected: project(data, delivery), errors: settler.errors };
  }
  if (calls.length === 1 && calls[0] !== undefined) await runCall(calls[0], running);
  else await Promise.all(calls.map((call) => runCall(call, running)));
  context.signal.throwIfAborted();
  const data = running.failed ? settler.roots(program.root.order, tree) : tree;
  return { projected: project(data, delivery), errors: settler.errors };
}

/** Decides whether the root field with this result key may be written, right before the write. */
type First = (rawKey: string) => true | Promise<boolean>;

function toFirst(
  writes: CompiledWrites,
  request: { context: DelegationContext; delivery: Delivery; errors: EngineError[] },
): First {
  const { context, delivery, errors } = request;
  const ask = createAskBefore(writes, context);
  const { judge } = delivery;
  const { signal } = context;
  return (rawKey) => {
    const guard = writes.guards.get(rawKey);
    return guard === undefined || mayWrite(rawKey, guard, { judge, signal, errors, ask });
  };
}

/** Runs writes one after the other, and stops when one nulls the whole answer. */
async function runSerially(
  program: Program,
  running: Running,
  settler: Settler,
  first: First | undefined,
): Promise<Record<string, unknown> | null> {
  const { tree } = running;
  for (const [index, call] of program.calls.entries()) {
    // A write may have changed the rows read before it.
    running.known = undefined;
    const order = program.root.order.slice(index, index + 1);
    const [root] = order;
    // No further write after the caller has disconnected or the deadline has passed.
    running.context.signal.throwIfAborted();
    if (first !== undefined && root !== undefined && !(await first(root.rawKey))) {
      tree[root.rawKey] = null;
      continue;
    }
    await runCall(call, running);
    if (running.failed && settler.roots(order, tree) === null) return null;
  }
  return tree;
}
