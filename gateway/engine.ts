/**
 * The one interface that engines stand behind: an authorised operation in, its result out, in the
 * keys of the executed document. Promises are kept by the spine around it, not by the engine.
 */
import type { DelegationContext } from './delegate/upstream.ts';
import type { AuthorizedOperation } from './plan.ts';

export interface EngineError {
  readonly code: 'UPSTREAM_FAILED' | 'UPSTREAM_TIMEOUT' | 'FORBIDDEN' | 'INTERNAL';
  /** Path in the executed document's keys; undefined where the error has no place. */
  readonly path: readonly (string | number)[] | undefined;
  /** For the operator; never sent to the caller. */
  readonly why: string;
}

export interface EngineResult {
  readonly data: unknown;
  readonly errors: readonly EngineError[];
}

export interface Engine {
  readonly name: string;
  /**
   * Runs `operation.document`. Rejects only when `context.signal` aborts or the gateway itself is
   * at fault; what an upstream does wrong is an error in the result.
   */
  execute(
    operation: AuthorizedOperation,
    variables: Readonly<Record<string, unknown>>,
    context: DelegationContext,
  ): Promise<EngineResult>;
}
