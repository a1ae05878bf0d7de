/**
 * Failures of promises that nobody waits for any more. The reference engine's executor leaves some
 * behind: it gives up a list at its first failure, and what fails later in the same list would end
 * the process. Whoever waits for an answer has it by then, so the process goes on; the operator is
 * told each kind once, without its message.
 */
import { describeFault } from './errors.ts';

/** Kinds that are told; further ones are not. */
const toldMax = 20;

/** A listener for `unhandledRejection`; `tell` gets one line for each kind of failure. */
export function createUnawaitedFailures(tell: (line: string) => void): (failure: unknown) => void {
  const told = new Set<string>();
  return (failure) => {
    const what = describeFault(failure);
    if (told.has(what) || told.size >= toldMax) return;
    told.add(what);
    tell(`a promise failed that nobody waits for: ${what}\n`);
  };
}
