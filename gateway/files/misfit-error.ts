/**
 * What of gateway.yaml does not fit the descriptions of its upstreams: found only when they are
 * read and stitched. `path` says where it is written, so that the operator is told the line.
 */
import type { Path } from './config-error.ts';

export class MisfitError extends Error {
  override readonly name = 'MisfitError';
  /** Down to the node of gateway.yaml. */
  readonly path: Path;

  constructor(message: string, path: Path, options?: ErrorOptions) {
    super(message, options);
    this.path = path;
  }
}

/** What `work` throws, with the place; an error that has one keeps its own. */
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

/** The same of work that is done at once. */
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
