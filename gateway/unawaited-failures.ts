/**
 * Handles rejections of promises that nothing awaits. None is known; one must not end the process,
 * which serves other callers: each kind is reported to the operator once, without its message.
 */
import { describeFault } from './errors.ts';

/** Most kinds reported. */
const toldMax = 20;

/** Creates a listener for `unhandledRejection`; `tell` receives one line per kind of failure. */
export function createUnawaitedFailures(tell: (line: string) => void): (failure: unknown) => void {
  const told = new Set<string>();
  return (failure) => {
    const what = describeFault(failure);
    if (told.has(what) || told.size >= toldMax) return;
    told.add(what);
    tell(`a promise failed that nobody waits for: ${what}\n`);
  };
}
