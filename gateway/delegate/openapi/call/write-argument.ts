/** Writes the value of an argument as it is sent, or refuses it by the argument's name. */
import { UpstreamFailure } from '../../../errors.ts';
import type { RestArgument } from './rest-operation.ts';

/** The value to send: written, and checked against the document. */
export function writeChecked(value: unknown, argument: RestArgument, upstream: string): unknown {
  const written = value === null ? null : refusing(argument, upstream, () => argument.write(value));
  const why = argument.check(written);
  if (why === undefined) return written;
  throw refuse(argument, why, upstream);
}

/** What `make` returns; its refusal names the argument. */
export function refusing<T>(argument: RestArgument, upstream: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    // The function that writes a value does not know its argument's name.
    throw error instanceof UpstreamFailure ? refuse(argument, error.why, upstream) : error;
  }
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
