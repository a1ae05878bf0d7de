/**
 * Tells the log of connections that a port could not take: the system has no files or memory left,
 * or forbids it. What is there is served on, and the port goes on listening; nobody but the operator
 * would know. In a flood each connection fails so: there is one line a minute.
 */
import { systemCode } from '../files/system-error.ts';
import { createQuietLines, type QuietLinesOptions } from './quiet-lines.ts';

/** Gets what the server of a port says that it failed at, once it listens. Never throws. */
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
