/**
 * A failure created on first use and shared from then on: each field can fail in several ways, a
 * large API has tens of thousands of fields, and almost none ever fails.
 */
import { UpstreamFailure } from '../../../errors.ts';

/** Frozen, because it is shared by many places of many answers. */
export function lateFailure(upstream: string, why: string): () => UpstreamFailure {
  let made: UpstreamFailure | undefined;
  return () => {
    made ??= Object.freeze(new UpstreamFailure({ upstream, why }));
    return made;
  };
}
