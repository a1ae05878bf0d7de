/**
 * `fieldgate schema`: the unified SDL as it is stitched, or with `--as` what a caller may see of
 * it. The first needs no policies, so that it can be read while they are written.
 */
import { printSchema } from 'graphql';
import type { CommandIo, CommandOptions } from './command.ts';
import { loadOffline, loadOfflineGraph } from './load-offline.ts';
import { isLetIn, readCaller } from './read-caller.ts';
import { runPull } from './schema-pull.ts';

/** 1 where the gateway would not let the caller in, who then has no view. */
export async function runSchema(options: CommandOptions, io: CommandIo): Promise<number> {
  const { as, pull } = options.values;
  if (pull === true) return runPull(options, io);
  if (typeof as !== 'string') {
    const { graph } = await loadOfflineGraph(options, io);
    return print(printSchema(graph.schema), options, io);
  }
  const { config, snapshot } = await loadOffline(options, io);
  const caller = await readCaller(as, config.identity);
  if (isLetIn(caller, config.identity)) {
    return print(printSchema(snapshot.public.schema), options, io);
  }
  const reason = 'identify/missing';
  if (options.json) io.stdout.write(`${JSON.stringify({ ok: false, reason }, null, 2)}\n`);
  else io.stderr.write(`this configuration refuses anonymous callers (${reason})\n`);
  return 1;
}

function print(sdl: string, { json }: CommandOptions, { stdout }: CommandIo): number {
  stdout.write(json ? `${JSON.stringify({ sdl }, null, 2)}\n` : `${sdl}\n`);
  return 0;
}
