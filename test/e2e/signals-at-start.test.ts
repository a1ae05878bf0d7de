/** A signal that comes while a gateway starts: whoever sends it cannot know how far the start is. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { removeGatewayFiles, writeGatewayFiles } from '../support/gateway-process.ts';
import { until } from '../support/redis.ts';
import { playUpstream, smallFiles } from '../support/served.ts';
import { patienceMs } from '../support/worker-processes.ts';

const main = fileURLToPath(new URL('../../gateway/main.ts', import.meta.url));

const cases = [
  {
    name: 'one process that is told to read its policies',
    more: [],
    signal: 'SIGHUP',
    done: '',
  },
  {
    name: 'workers that are told to read their policies',
    more: ['--workers', '1'],
    signal: 'SIGHUP',
    done: '',
  },
  {
    name: 'workers that are to be exchanged',
    more: ['--workers', '1'],
    signal: 'SIGUSR2',
    done: '"event":"exchanged"',
  },
] as const;

it.each(cases)('$name', { timeout: 2 * patienceMs }, async ({ more, signal, done }) => {
  const asked = Promise.withResolvers<void>();
  const signalled = Promise.withResolvers<void>();
  const issuer = await playUpstream(async (_request, response) => {
    asked.resolve();
    await signalled.promise;
    response.setHeader('content-type', 'application/json');
    response.end('{"keys":[]}');
  });
  const jwt = `[{ issuer: "https://idp.example.com", audience: graph, jwks: "${issuer.url}", algorithms: [ES256] }]`;
  const { 'gateway.yaml': text = '', ...files } = smallFiles('http://127.0.0.1:9');
  const directory = await writeGatewayFiles({
    ...files,
    'gateway.yaml': text.replace('identity: {', `identity: { jwt: ${jwt},`),
  });
  const config = join(directory, 'gateway.yaml');
  const child = spawn(process.execPath, [main, 'serve', '--config', config, ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let logged = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (logged += text));
  try {
    const serving = new Promise<void>((resolve) => {
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        if (text.includes('fieldgate: serving ')) resolve();
      });
    });
    await asked.promise;
    child.kill(signal);
    signalled.resolve();
    await Promise.race([serving, ended]);
    expect([child.exitCode, child.signalCode]).toEqual([null, null]);
    await until('what it was told', () => logged.includes(done), patienceMs);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  } finally {
    child.kill('SIGKILL');
    await issuer.close();
    await removeGatewayFiles(directory);
  }
});
