/** Several processes: the first one's console shows the decisions of all, each once. */
import { expect, it, onTestFinished } from 'vitest';
import { ask, consoleFiles, cursorOf, stateOf } from '../support/console.ts';
import { until } from '../support/redis.ts';
import { playUpstream } from '../support/served.ts';
import { patienceMs, startWorkers } from '../support/worker-processes.ts';

it('gathers from workers, and goes on where it was read', { timeout: 2 * patienceMs }, async () => {
  const upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ data: { staff: [{ id: '1', fgs_id: '1', name: 'Ada' }] } }));
  });
  onTestFinished(() => upstream.close());
  await using gateway = await startWorkers(consoleFiles(upstream.url), 2);
  const { url, adminUrl } = gateway;
  const refuse = () => ask(url, '{ nothing }', { connection: 'close' });
  for (let at = 0; at < 6; at += 1) await refuse();
  const state = await stateOf(adminUrl);
  expect(state).toMatchObject({ isReady: true, missing: 0, workers: { ready: 2, wanted: 2 } });
  expect(state.processes.map(({ slot }) => slot).sort()).toEqual([1, 2]);
  const decided = state.processes.map(({ decisions }) => decisions.length);
  expect(decided.reduce((sum, count) => sum + count, 0)).toBe(6);
  expect(Math.min(...decided)).toBeGreaterThan(0);

  await refuse();
  const next = await stateOf(adminUrl, cursorOf(state));
  expect(next.processes.flatMap(({ decisions }) => decisions)).toHaveLength(1);

  // One that dies takes its decisions with it; its successor begins anew and is read from its start.
  const [pid = 0] = gateway.pids();
  process.kill(pid, 'SIGKILL');
  await until('another worker', () => gateway.pids().length === 2 && !gateway.pids().includes(pid));
  const later = await stateOf(adminUrl, cursorOf(next));
  expect(later.workers).toMatchObject({ ready: 2, ended: 1 });
  const known = new Set(next.processes.map(({ epoch }) => epoch));
  expect(later.processes.filter(({ epoch }) => known.has(epoch))).toHaveLength(1);
  expect((await fetch(`${adminUrl}/console/`)).status).toBe(200);
});
