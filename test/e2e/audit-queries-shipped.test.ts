/** Who asked the log is sent to the SIEM as well, by the gateway that serves beside the command. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { parseCommand } from '../../gateway/cli/command-line.ts';
import { startOtlpSink } from '../support/otlp-sink.ts';
import { playUpstream, serveFiles, smallFiles } from '../support/served.ts';

it('sends on what was asked of the log', async () => {
  const sink = await startOtlpSink();
  const upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"data":{"staff":[]}}');
  });
  const files = smallFiles(upstream.url);
  const gateway = await serveFiles({
    ...files,
    'gateway.yaml': `${files['gateway.yaml']}telemetry: { otlp: "${sink.url}" }\naudit: { directory: audit, subjects: {} }\n`,
  });
  const body = '{"query":"{ __typename }"}';
  await fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const configFile = join(gateway.directory, 'gateway.yaml');
  await parseCommand(['audit', 'who-accessed', 'ada@example.com', '--config', configFile], {
    stdout: { write: () => undefined },
    stderr: { write: () => undefined },
    env: {},
    stop: new AbortController().signal,
  });
  const names = () => sink.accepted('logs').map(({ eventName }) => eventName);
  while (!names().includes('gateway.audit_query')) await sleep(50);
  expect(names().filter((name) => name === 'gateway.audit_query')).toHaveLength(1);
  await gateway.close();
  await upstream.close();
  await sink.close();
});
