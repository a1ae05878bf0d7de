/**
 * The console of a serving gateway: its handler at the admin port, and the state of all processes.
 */
import manifest from '../../../package.json' with { type: 'json' };
import { isLoopbackHost } from '../../addresses/outbound-address.ts';
import type { Config } from '../../config.ts';
import { type ConsoleDoor, createConsoleDoor } from '../../console/console-door.ts';
import { type ReadBounds, ringBounds } from '../../console/decision-ring.ts';
import { readPageFiles } from '../../console/page-files.ts';
import { refusalWords } from '../../console/refusal-words.ts';

/** Enabled by default if the admin port listens on a loopback address. */
export const wantsConsole = ({ admin }: Pick<Config, 'admin'>): boolean =>
  admin.console ?? isLoopbackHost(admin.host);

/** By type, the type of whose record its values are; undefined without an audit trail. */
export const ownersIn = ({ audit }: Pick<Config, 'audit'>): Record<string, string> | undefined =>
  audit && Object.fromEntries(Object.entries(audit.subjects).map(([type, { of }]) => [type, of]));

/**
 * Returns undefined if there is no console.
 * @param state everything new since a cursor, as JSON
 */
export async function openConsole(
  config: Pick<Config, 'admin'>,
  state: (after: string) => Promise<string>,
): Promise<ConsoleDoor | undefined> {
  if (!wantsConsole(config)) return undefined;
  const files = await readPageFiles(refusalWords);
  return createConsoleDoor({ files, state, clock: () => performance.now() });
}

const bytesMax = 2 * 1024 * 1024;

/** The bounds of one response, divided among processes; each gets a minimum. */
export const boundsFor = (processes: number): ReadBounds => ({
  entriesMax: Math.max(20, Math.floor(ringBounds.entriesMax / processes)),
  bytesMax: Math.max(65_536, Math.floor(bytesMax / processes)),
});

/** @param texts the state of each process, undefined for those that did not respond in time */
export function toStateText(
  texts: readonly (string | undefined)[],
  about: {
    readonly isReady: boolean;
    readonly workers?: { readonly ready: number; readonly wanted: number; readonly ended: number };
  },
): string {
  const said = texts.filter((text) => text !== undefined);
  const missing = texts.length - said.length;
  const { version } = manifest;
  const beside = JSON.stringify({ nowMs: Date.now(), version, missing, ...about });
  return `${beside.slice(0, -1)},"processes":[${said.join(',')}]}`;
}
