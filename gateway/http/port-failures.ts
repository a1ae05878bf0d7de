/**
 * Logs connections that a port could not accept: the system is out of files or memory, or forbids
 * it. Open connections are served on, and the port keeps listening; only the log shows the problem.
 * In a flood every connection fails this way, so there is at most one line a minute.
 */
import { systemCode } from '../files/system-error.ts';
import { createQuietLines, type QuietLinesOptions } from './quiet-lines.ts';

/** Receives errors of a port's server once it listens. Never throws. */
export type PortFailures = (error: unknown) => void;

export function createPortFailures(
  port: 'listen' | 'admin',
  options: QuietLinesOptions,
): PortFailures {
  const tell = createQuietLines<'accept'>(options);
  return (error) =>
    tell('accept', () => ({
      kind: port,
      level: 'error',
      problem: `a connection could not be accepted: ${systemCode(error)}`,
    }));
}
