/**
 * Tells the log of what the admin port could not answer: whoever asks is told that it failed and
 * nothing more, since the port has no lock. Pages and scrapers ask again and again, so each kind of
 * question has one line a minute, which says how many came to nothing since the one before.
 */
import { describeFault } from '../errors.ts';

/** What the admin port makes anew for each question; `other` is all that should not fail at all. */
export type AdminQuestion = 'metrics' | 'console' | 'other';

/** Never throws. */
export type AdminFailures = (question: AdminQuestion, error: unknown) => void;

export interface AdminFailuresOptions {
  /** Gets one line at a time, without its end. */
  readonly log: (line: string) => void;
  /** Milliseconds, best monotonic. */
  readonly clock: () => number;
}

const quietMs = 60_000;

export function createAdminFailures({ log, clock }: AdminFailuresOptions): AdminFailures {
  const told = new Map<AdminQuestion, { atMs: number; untold: number }>();
  return (question, error) => {
    const last = told.get(question);
    const nowMs = clock();
    if (last !== undefined && nowMs - last.atMs < quietMs) {
      last.untold += 1;
      return;
    }
    told.set(question, { atMs: nowMs, untold: 0 });
    const fault = describeFault(error);
    const untold = last?.untold || undefined;
    log(JSON.stringify({ kind: 'admin', level: 'error', question, fault, untold }));
  };
}
