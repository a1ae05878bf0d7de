/** When a starting gateway counts as started: its first point query is answered rightly. */
import { findDifference } from './check-answers.ts';
import type { Contender } from './contender.ts';
import type { Site } from './site.ts';
import { workloads } from './workloads.ts';

/** What is still wrong with its answer; undefined: nothing. Faults of the benchmark are thrown. */
export function firstAnswer(
  contender: Contender,
  site: Site,
): (url: string) => Promise<string | undefined> {
  return async (url) => {
    const [workload] = workloads;
    if (workload === undefined) throw new Error('there is no workload');
    try {
      return await findDifference(url, { contender, workload, count: 1, site });
    } catch (fault) {
      if (isNotYet(fault)) return notListening;
      if (codeOf(fault) === 'UND_ERR_HEADERS_TIMEOUT') return 'it does not answer';
      throw fault;
    }
  };
}

/** The connection was refused or lost. */
export const notListening = 'it does not listen';

function isNotYet(fault: unknown): boolean {
  if (fault instanceof SyntaxError) return true;
  return ['ECONNREFUSED', 'ECONNRESET', 'UND_ERR_SOCKET'].includes(codeOf(fault));
}

const codeOf = (fault: unknown): string =>
  fault instanceof Error && 'code' in fault ? String(fault.code) : '';
