/** A start of several processes: one that takes its time, and one that comes to nothing. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { smallFiles } from '../support/served.ts';
import { patienceMs, startWorkers } from '../support/worker-processes.ts';

it(
  'of workers that find the port taken one says so, and the others never ask for it',
  async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const files = smallFiles('http://127.0.0.1:9');
    const config = files['gateway.yaml']?.replace(
      'listen: { port: 0 }',
      `listen: { port: ${port} }`,
    );
    const started = startWorkers({ ...files, 'gateway.yaml': config ?? '' }, 3);
    const failure = await started.then(String, String);
    expect(failure.match(/something listens there already/g)).toHaveLength(1);
    expect(failure).toContain('a worker did not start: exit code 2');
    taken.close();
  },
  patienceMs + 10_000,
);

it(
  'waits for workers whose program takes its time to load, and stops them',
  async () => {
    const wait = 'await new Promise((goOn) => setTimeout(goOn, 500));';
    const nodeArgs = ['--import', `data:text/javascript,${encodeURIComponent(wait)}`];
    await using gateway = await startWorkers(smallFiles('http://127.0.0.1:9'), 2, { nodeArgs });
    expect(gateway.pids()).toHaveLength(2);
    expect(await gateway.stop()).toBe(0);
  },
  2 * patienceMs,
);
