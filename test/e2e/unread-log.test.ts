/** A gateway whose log nobody reads any more, though its pipe is open, still ends when it is asked to. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { removeGatewayFiles, writeGatewayFiles } from '../support/gateway-process.ts';
import { smallFiles } from '../support/served.ts';

const main = fileURLToPath(new URL('../../gateway/main.ts', import.meta.url));

/** A pipe that is open and full. */
function openFullPipe(file: string): number {
  execFileSync('mkfifo', [file]);
  const pipe = openSync(file, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    for (;;) writeSync(pipe, Buffer.alloc(1_024));
  } catch (error) {
    expect(error).toMatchObject({ code: 'EAGAIN' });
  }
  return pipe;
}

it.each([{ more: [] }, { more: ['--workers', '1'] }])(
  'ends with its own exit code: $more',
  async ({ more }) => {
    const directory = await writeGatewayFiles(smallFiles('http://127.0.0.1:9'));
    onTestFinished(() => removeGatewayFiles(directory));
    const pipe = openFullPipe(join(directory, 'log'));
    onTestFinished(() => closeSync(pipe));
    const child = spawn(
      process.execPath,
      [main, 'serve', '--config', join(directory, 'gateway.yaml'), ...more],
      { stdio: ['ignore', pipe, 'pipe'] },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = once(child, 'exit');
    const url = await new Promise<string>((resolve) => {
      let said = '';
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        const [, found] = /serving (\S+), health/.exec(said) ?? [];
        if (found !== undefined) resolve(found);
      });
    });
    // Has a line in the log.
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(405);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  },
  60_000,
);
