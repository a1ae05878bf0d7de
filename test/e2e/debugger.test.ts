/** A signal that is sent by mistake, as one that has others open their logs anew, opens no debugger. */
import { expect, onTestFinished, test, vi } from 'vitest';
import {
  removeGatewayFiles,
  startGatewayProcess,
  writeGatewayFiles,
} from '../support/gateway-process.ts';
import { smallFiles } from '../support/served.ts';

test('SIGUSR1 does not open Node’s debugger, and ends nothing', async () => {
  const directory = await writeGatewayFiles(smallFiles('http://127.0.0.1:9/'));
  onTestFinished(() => removeGatewayFiles(directory));
  const gateway = await startGatewayProcess(directory);
  onTestFinished(async () => void (await gateway.end('SIGKILL')));
  process.kill(gateway.pid, 'SIGUSR1');
  await vi.waitFor(() => expect(gateway.printed()).toMatch(/Debugger|SIGUSR1/), 20_000);
  expect(gateway.printed()).not.toContain('Debugger');
  expect((await fetch(`${gateway.adminUrl}/live`)).status).toBe(200);
  expect(await gateway.end('SIGTERM')).toEqual({ code: 0, signal: null });
});
