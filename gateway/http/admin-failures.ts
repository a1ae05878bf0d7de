/**
 * Tells the log of what the admin port could not answer: whoever asks is told that it failed and
 * nothing more, since the port has no lock. Pages and scrapers ask again and again, so each kind of
 * question has one line a minute.
 */
import { describeFault } from '../errors.ts';
import { createQuietLines, type QuietLinesOptions } from './quiet-lines.ts';

/** What the admin port computes per request; `other` is everything that should never fail. */
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
