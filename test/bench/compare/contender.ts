/** Who takes part, and what the benchmark has to know of one. */
import type { Site } from './site.ts';
import type { Started } from './start-process.ts';
import type { Dialect, Expected, Workload } from './workload.ts';

export interface Contender {
  readonly name: string;
  /** What it does and what it does not, for the reader of the figures. */
  readonly about: string;
  /** Absent: it is sent the plain request that a proxy forwards. */
  readonly dialect?: Dialect;
  /** Whose answer it must give; `unchecked`: it makes none of its own. */
  readonly view: 'open' | 'ruled' | 'unchecked';
  /** Whether requests carry a token. */
  readonly isSecured: boolean;
  start(site: Site): Promise<Started>;
}

/** One that is not measured, and why. */
export interface Missing {
  readonly name: string;
  readonly reason: string;
}

export function expectedOf(
  contender: Contender,
  workload: Workload,
  count: number,
): Expected | undefined {
  if (contender.view === 'unchecked') return undefined;
  return contender.view === 'open' ? workload.open(count) : workload.ruled(count);
}
