/**
 * Closes connections that were handed to a worker but not accepted when it died. node:cluster
 * forgets them: they would never be answered, and the caller would wait until its own timeout.
 *
 * Relies on the undocumented internal messages of node:cluster (Node.js 24, lib/internal/cluster):
 * if they change, such connections are forgotten as before.
 */
import type { Worker } from 'node:cluster';

/** `act: 'newconn'` hands a connection over; the worker's `ack` of that `seq` reports its fate. */
interface Internal {
  readonly cmd?: unknown;
  readonly act?: unknown;
  readonly seq?: unknown;
  readonly ack?: unknown;
}

interface Handle {
  close?(): void;
}

/** Call before the worker is handed any connection. */
export function closeWhatIsHandedOver(worker: Worker): void {
  const { process: child } = worker;
  // Holds one at most: the next is handed over after the worker's reply.
  const handed = new Map<unknown, Handle>();
  const { send } = child;
  child.send = (...sent: unknown[]): boolean => {
    const [message, handle] = sent as [Internal, Handle?];
    if (message.cmd === 'NODE_CLUSTER' && message.act === 'newconn' && handle !== undefined) {
      handed.set(message.seq, handle);
    }
    return Reflect.apply(send, child, sent);
  };
  child.on('internalMessage', ({ ack }: Internal) => void handed.delete(ack));
  worker.once('exit', () => {
    for (const handle of handed.values()) handle.close?.();
    handed.clear();
  });
}
