/** What stands where an upstream's value does not fit, and how it is counted. */
import { UpstreamFailure } from '../errors.ts';
import type { Source } from '../graph/graph-parts.ts';
import type { Reading } from './program.ts';

/** What the fits of one upstream share. */
export interface FitMeans {
  readonly source: Source;
  /** Stands wherever a value does not fit. */
  readonly misfit: UpstreamFailure;
}

/** One for each upstream of a program. */
export function createFitMeans(source: Source): FitMeans {
  const why = 'answer does not fit the schema';
  const misfit = Object.freeze(new UpstreamFailure({ upstream: source.name, why }));
  return { source, misfit };
}

/** Counts it. */
export function refuse(misfit: UpstreamFailure, reading: Reading): UpstreamFailure {
  reading.misfits += 1;
  return misfit;
}
