/**
 * The answers of a worker to the first process for the admin port, and what it logs if they fail.
 */
import type { AdminFailures } from '../../http/admin-failures.ts';
import type { WorkerLink } from '../../workers/worker-link.ts';
import type { ToWorker } from '../../workers/worker-messages.ts';
import type { ServedGateway } from '../serve.ts';

export interface WorkerAnswerMeans {
  readonly send: WorkerLink['send'];
  /** Undefined until the worker serves. */
  readonly gateway: Pick<ServedGateway, 'metricsText' | 'consoleText'> | undefined;
  readonly failed: AdminFailures;
}

type Asked<Kind extends ToWorker['kind']> = Extract<ToWorker, { kind: Kind }>;

/** On failure the text is left out, so that the scrape shows this worker as missing. */
export async function answerMetrics(
  { id }: Asked<'metrics'>,
  { send, gateway, failed }: WorkerAnswerMeans,
): Promise<void> {
  let text: string | undefined;
  try {
    text = await gateway?.metricsText();
  } catch (error) {
    failed('metrics', error);
  }
  send({ kind: 'metrics', id, ...(text !== undefined && { text }) });
}

/** As for metrics; the page shows that a process is missing. */
export function answerConsole(
  { id, after, bounds }: Asked<'console'>,
  { send, gateway, failed }: WorkerAnswerMeans,
): void {
  let text: string | undefined;
  try {
    text = gateway?.consoleText(after, bounds);
  } catch (error) {
    failed('console', error);
  }
  send({ kind: 'console', id, ...(text !== undefined && { text }) });
}
