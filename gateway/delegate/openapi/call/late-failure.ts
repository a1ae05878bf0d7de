/**
 * A failure that is made when it is first asked for, and is the same from then on. Of each field
 * several are thinkable, a large API has tens of thousands of fields, and nearly none ever fails.
 */
import { UpstreamFailure } from '../../../errors.ts';

/** Frozen: it stands in many places of many answers. */
export function lateFailure(upstream: string, why: string): () => UpstreamFailure {
  let made: UpstreamFailure | undefined;
  return () => {
    made ??= Object.freeze(new UpstreamFailure({ upstream, why }));
    return made;
  };
}
