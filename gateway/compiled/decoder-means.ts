/** What stands where an upstream's value does not fit, and how it is counted. */
import { UpstreamFailure } from '../errors.ts';
import type { Source } from '../graph/graph-parts.ts';
import type { Reading } from './program.ts';

/** What the fits of one upstream share. */
export interface DecoderMeans {
  readonly source: Source;
  /** Stands wherever a value does not fit. */
  readonly mismatch: UpstreamFailure;
}

/** One for each upstream of a program. */
export function createDecoderMeans(source: Source): DecoderMeans {
  const why = 'answer does not fit the schema';
  const mismatch = Object.freeze(new UpstreamFailure({ upstream: source.name, why }));
  return { source, mismatch };
}

/** Counts it. */
export function refuse(mismatch: UpstreamFailure, reading: Reading): UpstreamFailure {
  reading.mismatches += 1;
  return mismatch;
}
