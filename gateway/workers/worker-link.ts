/**
 * A worker's link to the first process, over node:cluster. If that process exits, so does the
 * worker.
 */
import cluster from 'node:cluster';
import type { FromWorker, ToWorker } from './worker-messages.ts';

/** The worker's end of the pipe. */
export interface WorkerLink {
  send(message: FromWorker): void;
  /** Call once. */
  listen(listener: (message: ToWorker) => void): void;
  /** Closes the link, so that the process may exit. */
  close(): void;
}

/** Undefined in a process that is no worker. */
export function openWorkerLink(): WorkerLink | undefined {
  const { worker } = cluster;
  if (worker === undefined) return undefined;
  // If the pipe is closed, node:cluster ends this process.
  const send = (message: FromWorker): void =>
    void (worker.isConnected() && worker.send(message, () => undefined));
  return {
    send,
    listen(listener) {
      worker.on('message', listener);
      send({ kind: 'hears' });
    },
    close: () => void (worker.isConnected() && worker.disconnect()),
  };
}
