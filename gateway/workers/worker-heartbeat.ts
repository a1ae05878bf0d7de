/** Whether workers answer: one that hangs is dealt connections as any other, and nobody else sees it. */
import type { WorkerProcess } from './fork-worker.ts';

export interface Heartbeat {
  readonly worker: Pick<WorkerProcess, 'send'>;
  /** Pings since it last said anything. */
  unanswered: number;
}

/**
 * Asks each for a sign of life; returns those that gave none to so many questions in a row, each
 * once. Questions are counted and not time, so that a pause of the whole machine is no sign.
 */
export function pingAll<One extends Heartbeat>(
  members: readonly One[],
  unansweredMax: number,
): One[] {
  const hanging = members.filter(({ unanswered }) => unanswered === unansweredMax);
  for (const member of members) {
    member.unanswered += 1;
    member.worker.send({ kind: 'ping' });
  }
  return hanging;
}
