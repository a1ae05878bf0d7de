/**
 * Failures of promises that nobody waits for. None is known; should one arise all the same, it must
 * not end the process, which other callers wait for: the operator is told each kind once, without
 * its message.
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
