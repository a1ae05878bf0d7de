/** When a starting gateway counts as started: its first point query is answered rightly. */
import { findDifference } from './check-answers.ts';
import type { Contender } from './contender.ts';
import type { Site } from './site.ts';
import { workloads } from './workloads.ts';

/** False while it does not listen, or answers anything else. */
export function firstAnswer(contender: Contender, site: Site): (url: string) => Promise<boolean> {
  return async (url) => {
    const [workload] = workloads;
    if (workload === undefined) return false;
    try {
      const question = { contender, workload, count: 1, site };
      return (await findDifference(url, question)) === undefined;
    } catch (fault) {
      if (isNotYet(fault)) return false;
      throw fault;
    }
  };
}

function isNotYet(fault: unknown): boolean {
  if (fault instanceof SyntaxError) return true;
  const code = fault instanceof Error && 'code' in fault ? fault.code : undefined;
  return code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'UND_ERR_SOCKET';
}
