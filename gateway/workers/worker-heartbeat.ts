/**
 * Liveness of workers: a hanging worker still gets its turn of connections, and nothing else
 * detects it.
 */
import type { WorkerProcess } from './fork-worker.ts';

export interface Heartbeat {
  readonly worker: Pick<WorkerProcess, 'send'>;
  /** Pings since its last message. */
  unanswered: number;
}

/**
 * Pings every worker; returns those that left `unansweredMax` pings in a row unanswered, each once.
 * Pings are counted instead of time, so that a pause of the whole machine is no failure.
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
