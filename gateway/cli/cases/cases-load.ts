/**
 * Reads all cases beside the policies, of access and of detections, against the graph. Problems of
 * all files are reported together.
 */
import { loadCases } from '../../files/cases-file.ts';
import { ConfigError } from '../../files/config-error.ts';
import type { DetectCase } from '../../files/detect-cases-file.ts';
import type { Offline } from '../load-offline.ts';
import { type ReadCase, readCase } from './cases-read.ts';
import { readDetectCases } from './detect-cases.ts';

export interface AllCases {
  readonly cases: readonly ReadCase[];
  readonly detectCases: readonly DetectCase[];
}

/** Throws ConfigError with the problems of all case files. */
export async function readAllCases(offline: Offline): Promise<AllCases> {
  const { config, snapshot } = offline;
  const { cases, problems } = await loadCases(config.policies);
  const read = cases.map((one) => readCase(one, snapshot));
  const detect = await readDetectCases(offline);
  const wrong = read.flatMap((one) => ('asked' in one ? [] : one));
  const all = [...problems, ...wrong, ...detect.problems];
  if (all.length > 0) throw new ConfigError(all);
  return { cases: read.filter((one) => 'asked' in one), detectCases: detect.cases };
}
