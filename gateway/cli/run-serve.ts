/** `fieldgate serve` on the command line: serves until asked to stop, then drains. */
import type { CommandIo, CommandOptions } from './command.ts';
import { serve } from './serve.ts';

export async function runServe(options: CommandOptions, io: CommandIo): Promise<number> {
  const gateway = await serve({
    configFile: options.config,
    dev: options.values.dev === true,
    env: io.env,
    log: (line) => io.stdout.write(`${line}\n`),
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
  return 0;
}
