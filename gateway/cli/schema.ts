/**
 * `fieldgate schema`: prints the unified SDL, or with `--as` the view of a caller, without what is
 * hidden from them. Conditions on place do not hold in it; those on time only with `--now`. The
 * unified SDL needs no policies, so that it can be read while they are written.
 */
import { printSchema } from 'graphql';
import { type Reason, Refusal } from '../decision.ts';
import type { CommandIo, CommandOptions } from './command.ts';
import { loadOffline, loadOfflineGraph } from './load-offline.ts';
import { isLetIn, readCaller } from './read-caller.ts';
import { readMoment } from './read-moment.ts';
import { runPull } from './schema-pull.ts';

/** Returns 1 if the caller has no view: refused, or everything is hidden from them. */
export async function runSchema(options: CommandOptions, io: CommandIo): Promise<number> {
  const { as, pull, now } = options.values;
  if (pull === true && as !== undefined) {
    io.stderr.write('fieldgate: schema takes --as or --pull, not both\n');
    return 2;
  }
  if (pull === true) return runPull(options, io);
  if (typeof as !== 'string') {
    const { graph } = await loadOfflineGraph(options, io);
    return print(printSchema(graph.schema), options, io);
  }
  const { config, snapshot } = await loadOffline(options, io);
  const caller = await readCaller(as, config.identity);
  if (!isLetIn(caller, config.identity)) {
    return noView('this configuration refuses anonymous callers', 'identify/missing', options, io);
  }
  const callerContext = await snapshot.callerContextOf(caller, readMoment(now, caller));
  if (callerContext instanceof Refusal) {
    return noView('everything is hidden from this caller', callerContext.reason, options, io);
  }
  return print(printSchema(callerContext.view.schema), options, io);
}

function noView(why: string, reason: Reason, { json }: CommandOptions, io: CommandIo): number {
  if (json) io.stdout.write(`${JSON.stringify({ ok: false, reason }, null, 2)}\n`);
  else io.stderr.write(`${why} (${reason})\n`);
  return 1;
}

function print(sdl: string, { json }: CommandOptions, { stdout }: CommandIo): number {
  stdout.write(json ? `${JSON.stringify({ sdl }, null, 2)}\n` : `${sdl}\n`);
  return 0;
}
