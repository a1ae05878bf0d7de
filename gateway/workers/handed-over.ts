/**
 * Closes the connections that a worker was handed and had not taken when it died. node:cluster
 * forgets them: nobody would ever answer, and the caller would wait for as long as it can.
 *
 * Looks into what node:cluster says to its workers, which is not documented (Node.js 24,
 * lib/internal/cluster): where that changes, such a connection is forgotten as before.
 */
import type { Worker } from 'node:cluster';

/** `act: 'newconn'` hands a connection over; the worker's `ack` of that `seq` says what became of it. */
interface Internal {
  readonly cmd?: unknown;
  readonly act?: unknown;
  readonly seq?: unknown;
  readonly ack?: unknown;
}

interface Handle {
  close?(): void;
}

type Send = (message: Internal, handle?: Handle, ...rest: unknown[]) => boolean;

/** To be called before the worker is handed anything. */
export function closeWhatIsHandedOver(worker: Worker): void {
  const { process: child } = worker;
  // One at a time: the next is handed over once the worker has said what became of this.
  const handed = new Map<unknown, Handle>();
  const send = child.send.bind(child) as unknown as Send;
  const sendAndNote: Send = (message, handle, ...rest) => {
    if (message.cmd === 'NODE_CLUSTER' && message.act === 'newconn' && handle !== undefined) {
      handed.set(message.seq, handle);
    }
    return send(message, handle, ...rest);
  };
  child.send = sendAndNote as unknown as typeof child.send;
  child.on('internalMessage', ({ ack }: Internal) => void handed.delete(ack));
  worker.once('exit', () => {
    for (const handle of handed.values()) handle.close?.();
    handed.clear();
  });
}
