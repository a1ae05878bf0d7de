/** Where the admin port cannot answer, whoever asks is told no reason, and the log is. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { answerConsole, answerMetrics } from '../../gateway/cli/serve/worker-answers.ts';
import { createConsoleDoor } from '../../gateway/console/console-door.ts';
import { startAdmin } from '../../gateway/http/admin.ts';
import { createAdminFailures } from '../../gateway/http/admin-failures.ts';
import type { FromWorker } from '../../gateway/workers/worker-messages.ts';

function createLog() {
  const world = { nowMs: 0 };
  const lines: Record<string, unknown>[] = [];
  const failed = createAdminFailures({
    log: (line) => lines.push(JSON.parse(line)),
    clock: () => world.nowMs,
  });
  return { world, lines, failed };
}

const fails = (): never => {
  throw new TypeError('a secret');
};

async function start(about: { isReady?: () => boolean } = {}) {
  const { failed, ...log } = createLog();
  const files = new Map();
  const admin = await startAdmin(
    { host: '127.0.0.1', port: 0 },
    {
      isReady: about.isReady ?? (() => true),
      metricsText: async () => fails(),
      console: createConsoleDoor({ files, state: async () => fails(), clock: () => 0 }),
      failed,
    },
  );
  onTestFinished(() => admin.close());
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${admin.port}${path}`);
    return [response.status, await response.text()];
  };
  return { ...log, ask };
}

const nothing = [500, '{"status":"failed"}'];

describe('what the admin port cannot answer', () => {
  it.each([
    { path: '/metrics', question: 'metrics' },
    { path: '/console/state', question: 'console' },
  ])('$path', async ({ path, question }) => {
    const { ask, lines } = await start();
    expect(await ask(path)).toEqual(nothing);
    expect(lines).toMatchObject([{ kind: 'admin', level: 'error', question }]);
    expect(lines[0]?.fault).toMatch(/^TypeError at fails /);
    expect(JSON.stringify(lines)).not.toContain('a secret');
  });

  it('a question that should not fail at all', async () => {
    const { ask, lines } = await start({ isReady: fails });
    expect(await ask('/ready')).toEqual(nothing);
    expect(lines).toMatchObject([{ kind: 'admin', question: 'other' }]);
    expect(await ask('/live')).toEqual([200, '{"status":"alive"}']);
  });

  it('has one line a minute for each question', async () => {
    const { ask, lines, world } = await start();
    for (let asked = 0; asked < 10; asked += 1) await ask('/metrics');
    await ask('/console/state');
    expect(lines.map(({ question, untold }) => [question, untold])).toEqual([
      ['metrics', undefined],
      ['console', undefined],
    ]);
    world.nowMs += 60_000;
    await ask('/metrics');
    expect(lines.slice(2)).toMatchObject([{ question: 'metrics', untold: 9 }]);
  });
});

describe('what a worker cannot tell the first process', () => {
  const gateway = { metricsText: async () => fails(), consoleText: fails };
  const bounds = { entriesMax: 1, bytesMax: 1 };

  it('is missing in the answer, and told in the log', async () => {
    const { lines, failed } = createLog();
    const sent: FromWorker[] = [];
    const means = { gateway, send: (message: FromWorker) => void sent.push(message), failed };
    await answerMetrics({ kind: 'metrics', id: 1 }, means);
    answerConsole({ kind: 'console', id: 2, after: '', bounds }, means);
    expect(sent).toEqual([
      { kind: 'metrics', id: 1 },
      { kind: 'console', id: 2 },
    ]);
    expect(lines.map(({ question }) => question)).toEqual(['metrics', 'console']);
  });
});
