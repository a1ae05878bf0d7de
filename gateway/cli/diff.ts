/**
 * `fieldgate diff BASE`: what a change of policy or schema exposes or closes. Loads both
 * configurations as serving would, without sending requests. Fails closed: an undecidable change
 * counts as wider.
 */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandIo, CommandOptions } from './command.ts';
import { compareCoordinates } from './diff/diff-coordinates.ts';
import { createPathOf } from './diff/diff-path.ts';
import { compareSettings } from './diff/diff-settings.ts';
import { toSide } from './diff/diff-side.ts';
import { toSaid, toText } from './diff/diff-text.ts';
import { loadOffline, type Offline } from './load-offline.ts';

/** Returns 0 if nothing widens, 1 if anything does; throws ConfigError or Error. */
export async function runDiff(options: CommandOptions, io: CommandIo): Promise<number> {
  const [base, ...more] = options.words ?? [];
  if (base === undefined || more.length > 0) {
    throw new Error('diff takes one BASE: a gateway.yaml to compare with, or the folder it is in');
  }
  const old = await loadSide('the base', { ...options, config: await toFile(base) }, io);
  const now = await loadSide('the configuration', options, io);
  const [before, after] = [old, now].map(({ snapshot, config }) =>
    toSide(snapshot, config.identity.anonymous === 'allow'),
  ) as [ReturnType<typeof toSide>, ReturnType<typeof toSide>];
  const settings = compareSettings(old, now);
  const coordinates = compareCoordinates(before, after);
  const widens = toSaid(settings.widens, coordinates.widens, createPathOf(after.view));
  const narrows = toSaid(settings.narrows, coordinates.narrows, createPathOf(before.view));
  const ok = widens.count === 0;
  const json = () => `${JSON.stringify({ ok, widens, narrows }, null, 2)}\n`;
  io.stdout.write(options.json ? json() : toText(widens, narrows));
  return ok ? 0 : 1;
}

async function toFile(base: string): Promise<string> {
  // A missing file is reported by its reader.
  const found = await stat(base).catch(() => undefined);
  return found?.isDirectory() ? join(base, 'gateway.yaml') : base;
}

/** Names the side that does not load, because their files have similar names. */
async function loadSide(what: string, options: CommandOptions, io: CommandIo): Promise<Offline> {
  try {
    return await loadOffline(options, io);
  } catch (error) {
    io.stderr.write(`fieldgate diff: ${what} does not load (${options.config})\n`);
    throw error;
  }
}
