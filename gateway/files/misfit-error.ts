/**
 * An error for parts of gateway.yaml that do not fit the descriptions of their upstreams, found
 * only when these are read and stitched. `path` locates the faulty node, so that the operator is
 * told its line.
 */
import type { Path } from './config-error.ts';

export class MisfitError extends Error {
  override readonly name = 'MisfitError';
  /** The path of the node in gateway.yaml. */
  readonly path: Path;

  constructor(message: string, path: Path, options?: ErrorOptions) {
    super(message, options);
    this.path = path;
  }
}

/** Adds a path to errors that `work` throws; a MisfitError keeps its own. */
export async function placed<Value>(
  path: Path,
  work: () => Value | Promise<Value>,
): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw toMisfit(error, path);
  }
}

/** The same for synchronous work. */
export function placedNow<Value>(path: Path, work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    throw toMisfit(error, path);
  }
}

function toMisfit(error: unknown, path: Path): unknown {
  if (error instanceof MisfitError || !(error instanceof Error)) return error;
  return new MisfitError(error.message, path, { cause: error });
}
