/** Writes the value of an argument as it is sent, or refuses it by the argument's name. */
import { UpstreamFailure } from '../../../errors.ts';
import type { RestArgument } from './rest-operation.ts';

/** The value to send: written, and checked against the document. */
export function writeChecked(value: unknown, argument: RestArgument, upstream: string): unknown {
  const written = value === null ? null : write(value, argument, upstream);
  const why = argument.check(written);
  if (why === undefined) return written;
  throw refuse(argument, why, upstream);
}

function write(value: unknown, argument: RestArgument, upstream: string): unknown {
  try {
    return argument.write(value);
  } catch (error) {
    throw naming(argument, error, upstream);
  }
}

/** The refusal of a value by a function that does not know its argument's name; else the error. */
export function naming(argument: RestArgument, error: unknown, upstream: string): unknown {
  return error instanceof UpstreamFailure ? refuse(argument, error.why, upstream) : error;
}

export const refuse = (
  { argument }: RestArgument,
  why: string,
  upstream: string,
): UpstreamFailure =>
  new UpstreamFailure({
    code: 'ARGUMENT_REFUSED',
    upstream,
    why: `argument ${argument} refused: ${why}`,
  });
