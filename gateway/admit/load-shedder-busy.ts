/**
 * How much of its time the event loop worked, and did not wait. It is the sign of overload that
 * nothing hides: while it is below one, every queue that there is waits for somebody else.
 */
import { type EventLoopUtilization, performance } from 'node:perf_hooks';

/** @returns the share of the time since it was last asked, 0 to 1 */
export function createBusyShare(
  read: () => EventLoopUtilization = () => performance.eventLoopUtilization(),
): () => number {
  let last = read();
  return () => {
    const current = read();
    const active = current.active - last.active;
    const whole = active + current.idle - last.idle;
    last = current;
    return whole > 0 ? active / whole : 0;
  };
}
