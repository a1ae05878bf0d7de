/** The failure that replaces a value of an upstream that does not fit, and its count. */
import { UpstreamFailure } from '../errors.ts';
import type { Source } from '../graph/graph-parts.ts';
import type { Reading } from './program.ts';

/** What the decoders of one upstream share. */
export interface DecoderMeans {
  readonly source: Source;
  /** Replaces every value that does not fit. */
  readonly mismatch: UpstreamFailure;
}

/** Creates the shared part once per upstream of a program. */
export function createDecoderMeans(source: Source): DecoderMeans {
  const why = 'answer does not fit the schema';
  const mismatch = Object.freeze(new UpstreamFailure({ upstream: source.name, why }));
  return { source, mismatch };
}

/** Counts the mismatch and returns it. */
export function refuse(mismatch: UpstreamFailure, reading: Reading): UpstreamFailure {
  reading.mismatches += 1;
  return mismatch;
}
