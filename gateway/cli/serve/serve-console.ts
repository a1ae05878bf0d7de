/** The console of a gateway that serves: its door at the admin port, and the state of all processes. */
import manifest from '../../../package.json' with { type: 'json' };
import { isLoopbackHost } from '../../addresses/outbound-address.ts';
import type { Config } from '../../config.ts';
import { type ConsoleDoor, createConsoleDoor } from '../../console/console-door.ts';
import { type ReadBounds, ringBounds } from '../../console/decision-ring.ts';
import { readPageFiles } from '../../console/page-files.ts';
import { refusalWords } from '../../console/refusal-words.ts';

/** On unless told, where nobody but this machine comes to the admin port. */
export const wantsConsole = ({ admin }: Pick<Config, 'admin'>): boolean =>
  admin.console ?? isLoopbackHost(admin.host);

/**
 * Undefined where there is to be none.
 * @param state all that is new since a cursor, as JSON
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

/** What one answer holds, dealt out to so many processes; each has a little room, however many they are. */
export const boundsFor = (processes: number): ReadBounds => ({
  entriesMax: Math.max(20, Math.floor(ringBounds.entriesMax / processes)),
  bytesMax: Math.max(65_536, Math.floor(bytesMax / processes)),
});

/** @param texts what each process said, undefined where one said nothing in time */
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
