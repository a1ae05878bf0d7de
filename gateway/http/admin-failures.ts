/**
 * Logs failures of the admin port. The client is told only that its request failed, because the
 * port is unauthenticated. Pages and scrapers poll, so each kind of question has at most one line a
 * minute.
 */
import { describeFault } from '../errors.ts';
import { createQuietLines, type QuietLinesOptions } from './quiet-lines.ts';

/** Answers computed per request; `other` is everything that should never fail. */
export type AdminQuestion = 'metrics' | 'console' | 'other';

/** Never throws. */
export type AdminFailures = (question: AdminQuestion, error: unknown) => void;

export function createAdminFailures(options: QuietLinesOptions): AdminFailures {
  const tell = createQuietLines<AdminQuestion>(options);
  return (question, error) =>
    tell(question, () => ({
      kind: 'admin',
      level: 'error',
      question,
      fault: describeFault(error),
    }));
}
