/**
 * What was read from one file, and its replacement when the file changes. A file that went bad keeps
 * what was read before and is reported once per version of it, not at every look.
 */
import { ConfigError, type Problem } from './config-error.ts';
import type { ReadFile } from './read-file.ts';

export interface SourceReport {
  /** `kept`: the file is bad, what was read before stands. `absent`: bad, and nothing needs it. */
  readonly kind: 'loaded' | 'kept' | 'absent';
  readonly name: string;
  readonly file: string;
  readonly problems: readonly Problem[];
}

export interface Source<T> {
  readonly name: string;
  /** What was read last and was good. */
  current(): T | undefined;
  /** Whether the file is bad now. */
  isStale(): boolean;
  /** First reading; throws ConfigError where the file is bad and needed. */
  start(): Promise<void>;
  /** Looks whether the file changed, unless a look is under way. Never rejects. */
  refresh(): Promise<void>;
  /** Whether the last look is as old as the source allows. */
  isDue(): boolean;
  /** Refreshes where that is due. */
  refreshIfDue(): Promise<void>;
}

export function createSource<T>(
  about: {
    readonly name: string;
    readonly file: string;
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
      // As it was when it was good: it could not be read for a while.
      if (stamp === goodStamp) lastFailure = undefined;
      return;
    }
    // Kept even if the content is bad, or every look would parse it again.
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
  // A clock that was set back must not keep an old file for longer: a negative span counts as over.
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
        await load();
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

/** A fault of ours must not end the looking either; its message could repeat what the file holds. */
function toProblems(error: unknown, file: string): readonly Problem[] {
  if (error instanceof ConfigError) return error.problems;
  const message = `cannot be read (${error instanceof Error ? error.name : typeof error})`;
  return [{ file, line: 1, column: 1, path: '', code: 'wrong-format', message }];
}
