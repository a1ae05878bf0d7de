/**
 * Policies that are gone while the gateway serves: a folder deleted by hand, by a deployment that
 * stopped half way, by whoever may write there. What protected goes on protecting, loudly, and is
 * laid down only where somebody does it on purpose.
 */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { serve } from '../../gateway/cli/serve.ts';
import { createWorkerMeans } from '../../gateway/workers/worker-means.ts';
import { parsePrometheusText } from '../support/prometheus-text.ts';
import { type PlayedUpstream, playUpstream, serveFiles, smallFiles } from '../support/served.ts';
import { ask } from '../support/telemetry.ts';

const rates = 'version: 1\nrates: [{ name: once, per: address, limit: 1, window: 1h }]\n';
const network = `version: 1
lists: { blocked: { file: lists/blocked.txt, reload: 1s } }
deny: [blocked]
`;

let upstream: PlayedUpstream;
let gateway: Awaited<ReturnType<typeof serveFiles>>;

async function start(files: Record<string, string>): Promise<void> {
  upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"data":{"staff":[]}}');
  });
  gateway = await serveFiles({ ...smallFiles(upstream.url), ...files });
}
afterEach(async () => {
  await gateway.close();
  await upstream.close();
});

const status = async (): Promise<number> => (await ask(gateway.url, '{ staff { name } }')).status;
const policies = (...path: string[]): string => join(gateway.directory, 'policies', ...path);
/** What the log said of policies last. */
const said = () => gateway.lines.findLast(({ kind }) => String(kind).startsWith('policy-'));
const readings = async (name: string): Promise<number[]> => {
  const samples = parsePrometheusText(await gateway.metricsText());
  return samples.filter((one) => one.name === name).map(({ value }) => value);
};

describe('rates', () => {
  beforeEach(async () => {
    await start({ 'policies/rates/few.yaml': rates });
    expect([await status(), await status()]).toEqual([200, 429]);
    expect(await readings('gateway_policy_stale')).toEqual([0]);
  });

  it('stay in force without their folder, and the log and the metrics say so', async () => {
    await rm(policies('rates'), { recursive: true });
    await gateway.reload();
    expect(await status()).toBe(429);
    expect(said()).toMatchObject({ kind: 'policy-reload-failed', level: 'error' });
    expect(String(said()?.problems)).toContain(policies('rates'));
    expect(await readings('gateway_policy_stale')).toEqual([1]);
  });

  it('are taken up where the folder is back', async () => {
    await rename(policies('rates'), policies('.away'));
    await gateway.reload();
    await rename(policies('.away'), policies('rates'));
    await gateway.reload();
    expect([await status(), await readings('gateway_policy_stale')]).toEqual([429, [0]]);
  });

  it('stay in force while other policies change without the folder', async () => {
    await rm(policies('rates'), { recursive: true });
    await writeFile(policies('access/more.md'), 'a note\n');
    await writeFile(policies('access/more.yaml'), 'version: 1\nrules: []\n');
    await gateway.reload();
    expect([await status(), said()?.kind]).toEqual([429, 'policy-reload-failed']);
  });

  it.each([
    { name: 'an empty folder', lay: () => rm(policies('rates/few.yaml')) },
    {
      name: 'a folder that is back, empty',
      lay: async () => {
        await rm(policies('rates'), { recursive: true });
        await gateway.reload();
        await mkdir(policies('rates'));
      },
    },
    {
      name: 'a file that holds none',
      lay: () => writeFile(policies('rates/few.yaml'), 'version: 1\nrates: []\n'),
    },
  ])('are laid down by $name, which the log says', async ({ lay }) => {
    await lay();
    await gateway.reload();
    expect([await status(), await readings('gateway_policy_stale')]).toEqual([200, [0]]);
    expect(said()).toMatchObject({
      kind: 'policy-reloaded',
      level: 'warning',
      notes: ['rates: none any more (1 before)'],
    });
  });

  it('are not forgotten by a worker that takes over', async () => {
    await rm(policies('rates'), { recursive: true });
    const means = createWorkerMeans(
      {
        ...{ slot: 1, slots: 2, isFresh: false, maskKey: 'k', detectKey: 'k', replayKeepMs: 0 },
        policyFolders: ['access', 'rates'],
      },
      { ask: async () => undefined } as never,
    );
    const configFile = join(gateway.directory, 'gateway.yaml');
    const options = { configFile, dev: false, env: {}, log: () => undefined };
    await expect(serve({ ...options, worker: means })).rejects.toThrow(
      'the folder "rates" is gone',
    );
  });
});

describe('networks', () => {
  beforeEach(async () => {
    await start({
      'policies/network/default.yaml': network,
      'policies/network/lists/blocked.txt': '127.0.0.0/8\n',
    });
    expect(await status()).toBe(403);
  });

  it('stay out without the folder of their rules and lists', async () => {
    await rm(policies('network'), { recursive: true });
    await gateway.reload();
    expect([await status(), said()?.kind]).toEqual([403, 'policy-reload-failed']);
    expect(await readings('gateway_policy_stale')).toEqual([1]);
  });

  it('stay out without their list, also where policies are loaded anew', async () => {
    await rm(policies('network/lists'), { recursive: true });
    await vi.waitFor(
      async () => expect(await readings('gateway_network_stale')).toEqual([1]),
      5_000,
    );
    expect(gateway.lines).toContainEqual(expect.objectContaining({ kind: 'network-kept' }));
    await writeFile(policies('network/default.yaml'), `${network}# again\n`);
    await gateway.reload();
    expect([await status(), said()?.kind]).toEqual([403, 'policy-reload-failed']);
  });

  it('come in where their rule is taken out, which the log says', async () => {
    await writeFile(policies('network/default.yaml'), 'version: 1\n');
    await gateway.reload();
    expect(await status()).toBe(200);
    expect(said()).toMatchObject({
      level: 'warning',
      notes: ['lists of networks that may not come in: none any more (1 before)'],
    });
  });
});
