/**
 * A worker process of `serve --workers`: serves with the means that it shares with the others,
 * until it is told to stop or retire, or its first process is gone.
 */
import { type AdminFailures, createAdminFailures } from '../../http/admin-failures.ts';
import { createOwnerClient, type OwnerClient } from '../../workers/owner-client.ts';
import type { WorkerLink } from '../../workers/worker-link.ts';
import { createWorkerMeans, type WorkerMeans } from '../../workers/worker-means.ts';
import type { ToWorker } from '../../workers/worker-messages.ts';
import type { CommandIo } from '../command.ts';
import { type ServedGateway, type ServeOptions, serve } from '../serve.ts';
import { answerConsole, answerMetrics } from './worker-answers.ts';

/** How long idle connections of a retiring worker may still carry a request. */
const retireIdleMs = 2_000;

/**
 * The worker was told to end before it was told to listen: it opens no port, and has not failed.
 */
const notWanted = new Error('told to end before it was to listen');

export async function serveWorker(
  options: Omit<ServeOptions, 'worker' | 'mayListen'>,
  io: Pick<CommandIo, 'stop' | 'onReload'>,
  link: WorkerLink,
): Promise<number> {
  const client = createOwnerClient({ send: (calls) => link.send({ kind: 'calls', calls }) });
  const failed = createAdminFailures({ log: options.log, clock: () => performance.now() });
  const told = listenTo(link, client, failed);
  try {
    const gateway = await serve({
      ...options,
      worker: await told.means,
      mayListen() {
        link.send({ kind: 'prepared' });
        return told.mayListen;
      },
    });
    told.serve(gateway);
    io.onReload?.(() => void gateway.reload());
    link.send({ kind: 'ready', url: gateway.url });
    io.stop.addEventListener('abort', () => told.end('stop'), { once: true });
    if (io.stop.aborted) told.end('stop');
    await gateway.close((await told.ended) === 'retire' ? retireIdleMs : 0);
    return 0;
  } catch (error) {
    if (error !== notWanted) throw error;
    return 0;
  } finally {
    link.close();
  }
}

/** Listens from the start, because messages may arrive before the gateway is ready. */
function listenTo(link: WorkerLink, client: OwnerClient, failed: AdminFailures) {
  const means = Promise.withResolvers<WorkerMeans>();
  const ended = Promise.withResolvers<'stop' | 'retire'>();
  const mayListen = Promise.withResolvers<void>();
  // Otherwise a start would wait for a message that never comes.
  void ended.promise.then(() => mayListen.reject(notWanted));
  // The rejection may find no listener, which would end the process.
  mayListen.promise.catch(() => undefined);
  let gateway: ServedGateway | undefined;
  link.listen((message: ToWorker) => {
    switch (message.kind) {
      case 'start':
        return means.resolve(createWorkerMeans(message.start, client));
      case 'answers':
        return client.receive(message.answers);
      case 'listen':
        return mayListen.resolve();
      case 'ping':
        return link.send({ kind: 'pong' });
      case 'reload':
        return void gateway?.reload();
      case 'metrics':
        return void answerMetrics(message, { send: link.send, gateway, failed });
      case 'console':
        return answerConsole(message, { send: link.send, gateway, failed });
      case 'stop':
      case 'retire':
        return ended.resolve(message.kind);
    }
  });
  return {
    means: means.promise,
    mayListen: mayListen.promise,
    ended: ended.promise,
    end: ended.resolve,
    serve(served: ServedGateway) {
      gateway = served;
    },
  };
}
