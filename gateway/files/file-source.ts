/**
 * Holds the parsed content of one watched file and replaces it when the file changes. If a new
 * version is bad, the previous content stays in use and the fault is reported once per version, not
 * at every look.
 */
import { ConfigError, type Problem } from './config-error.ts';
import { atItsName, type NamedAt } from './named-file.ts';
import type { ReadFile } from './read-file.ts';

export interface SourceReport {
  /**
   * `kept`: the file is bad and the previous content stays. `absent`: the file is bad and optional.
   */
  readonly kind: 'loaded' | 'kept' | 'absent';
  readonly name: string;
  readonly file: string;
  readonly problems: readonly Problem[];
}

export interface Source<T> {
  readonly name: string;
  /** The last good content. */
  current(): T | undefined;
  /** Whether the file is bad now. */
  isStale(): boolean;
  /** Reads the file for the first time; throws ConfigError if it is needed and bad. */
  start(): Promise<void>;
  /** Checks whether the file changed, or joins a check under way. Never rejects. */
  refresh(): Promise<void>;
  /** Whether the last check is older than `reloadMs`. */
  isDue(): boolean;
  /** Refreshes if a check is due. */
  refreshIfDue(): Promise<void>;
}

export function createSource<T>(
  about: {
    readonly name: string;
    readonly file: string;
    /** Where a start without the file is reported; by default at the file. */
    readonly named?: NamedAt | undefined;
    readonly bytesMax: number;
    readonly reloadMs: number;
    readonly isNeeded: boolean;
    readonly parse: (bytes: Buffer, file: string) => T | Promise<T>;
  },
  outside: {
    readonly now: () => number;
    readonly readFile: ReadFile;
    readonly report: (report: SourceReport) => void;
  },
): Source<T> {
  const { name, file, bytesMax, parse } = about;
  let current: T | undefined;
  let stamp: string | undefined;
  let goodStamp: string | undefined;
  let lastFailure: string | undefined;
  let lookedAtMs = 0;
  let looking: Promise<void> | undefined;

  const load = async (): Promise<void> => {
    lookedAtMs = outside.now();
    const version = await outside.readFile(file, { bytesMax, unless: stamp });
    if (version === undefined) {
      // The file is back at its last good version after a time in which it could not be read.
      if (stamp === goodStamp) lastFailure = undefined;
      return;
    }
    // Stored even if the content is bad, so that not every look parses it again.
    stamp = version.stamp;
    current = await parse(version.bytes, file);
    goodStamp = version.stamp;
    lastFailure = undefined;
    outside.report({ kind: 'loaded', name, file, problems: [] });
  };
  const fail = (error: unknown): void => {
    const problems = toProblems(error, file);
    const failure = `${stamp} ${problems[0]?.code}`;
    if (failure === lastFailure) return;
    lastFailure = failure;
    outside.report({ kind: current === undefined ? 'absent' : 'kept', name, file, problems });
  };
  const refresh = (): Promise<void> => {
    looking ??= load()
      .catch(fail)
      .finally(() => {
        looking = undefined;
      });
    return looking;
  };
  // A negative span counts as due: a clock that was set back must not keep an old file longer.
  const isDue = (): boolean => {
    const sinceMs = outside.now() - lookedAtMs;
    return sinceMs < 0 || sinceMs >= about.reloadMs;
  };
  return {
    name,
    current: () => current,
    isStale: () => lastFailure !== undefined,
    async start() {
      try {
        await atItsName(about, load);
      } catch (error) {
        if (about.isNeeded) throw error;
        fail(error);
      }
    },
    refresh,
    isDue,
    async refreshIfDue() {
      if (isDue()) await refresh();
    },
  };
}

/**
 * Also covers bugs of the gateway, which must not stop the watching. Omits the error's message,
 * because it may quote the file.
 */
function toProblems(error: unknown, file: string): readonly Problem[] {
  if (error instanceof ConfigError) return error.problems;
  const message = `cannot be read (${error instanceof Error ? error.name : typeof error})`;
  return [{ file, line: 1, column: 1, path: '', code: 'wrong-format', message }];
}
