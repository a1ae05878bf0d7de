/** `fieldgate serve` on the command line: serves until asked to stop, then drains. */

import { createLineWriter } from '../watch/line-writer.ts';
import type { CommandIo, CommandOptions } from './command.ts';
import { serve } from './serve.ts';

export async function runServe(options: CommandOptions, io: CommandIo): Promise<number> {
  const log = createLineWriter((text) => io.stdout.write(text));
  // However it ends: what led there is in the last lines.
  io.onExit?.(log.flush);
  try {
    await run(options, io, log.write);
  } finally {
    log.flush();
  }
  return 0;
}

async function run(options: CommandOptions, io: CommandIo, log: (line: string) => void) {
  const gateway = await serve({
    configFile: options.config,
    dev: options.values.dev === true,
    env: io.env,
    log,
  });
  io.onReload?.(() => void gateway.reload());
  io.stderr.write(`fieldgate: serving ${gateway.url}, health on ${gateway.adminUrl}\n`);
  if (!io.stop.aborted) {
    await new Promise<void>((done) =>
      io.stop.addEventListener('abort', () => done(), { once: true }),
    );
  }
  io.stderr.write('fieldgate: draining\n');
  await gateway.close();
}
