/**
 * Compares new policies with the old ones. The loss of a whole folder is refused and takes nothing
 * out of force: its rules protected something, and folders are more often lost than removed on
 * purpose. What is removed by editing files, or by deleting files from a folder that stays, is
 * reported.
 */
import { join } from 'node:path';
import type { NetworkPolicy } from '../admit/network-policy.ts';
import { ConfigError, fileProblem } from '../files/config-error.ts';
import type { Policies } from './load.ts';

/** Throws ConfigError if a folder of the policies in force is missing. */
export function refuseLostFolders(
  directory: string,
  before: readonly string[],
  now: readonly string[],
): void {
  const lost = before.filter((folder) => !now.includes(folder));
  if (lost.length === 0) return;
  throw new ConfigError(
    lost.map((folder) =>
      fileProblem(
        join(directory, folder),
        'file-missing',
        `the folder "${folder}" is gone; leave it there, empty, if nothing of it is to be in force`,
      ),
    ),
  );
}

/** Kinds of protection of which nothing is left, in words for an operator. */
export function laidDown(
  before: Pick<Policies, 'rates' | 'network' | 'detections'>,
  now: Pick<Policies, 'rates' | 'network' | 'detections'>,
): string[] {
  const kinds: readonly [what: string, count: (of: typeof before) => number][] = [
    ['rates', ({ rates }) => rates.length],
    ['lists of networks that may not come in', ({ network }) => network.deny.length],
    ['lists of the only networks that may come in', ({ network }) => network.allow?.length ?? 0],
    ['detections', ({ detections }) => detections.length],
    ['rules on countries', ({ network }) => countryRules(network)],
  ];
  return kinds
    .filter(([, count]) => count(before) > 0 && count(now) === 0)
    .map(([what, count]) => `${what}: none any more (${count(before)} before)`);
}

const countryRules = ({ regions }: NetworkPolicy): number =>
  (regions?.deny.length ?? 0) + (regions?.allow?.length ?? 0);
