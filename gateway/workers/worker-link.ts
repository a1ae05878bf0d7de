/** The first process as a worker sees it, over node:cluster. Where that process ends, so does this. */
import cluster from 'node:cluster';
import type { FromWorker, ToWorker } from './worker-messages.ts';

/** A worker's end of the pipe. */
export interface WorkerLink {
  send(message: FromWorker): void;
  /** To be called once. */
  listen(listener: (message: ToWorker) => void): void;
  /** Nothing more is said; the process may end. */
  close(): void;
}

/** Undefined in a process that is no worker. */
export function openWorkerLink(): WorkerLink | undefined {
  const { worker } = cluster;
  if (worker === undefined) return undefined;
  // Where the pipe is gone, node:cluster ends this process.
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
