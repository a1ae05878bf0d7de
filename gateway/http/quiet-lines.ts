/**
 * Lines about what fails again and again: one a minute for each kind, which says how many failures
 * had none since the one before.
 */
export interface QuietLinesOptions {
  /** Gets one line at a time, without its end. */
  readonly log: (line: string) => void;
  /** Milliseconds, best monotonic. */
  readonly clock: () => number;
}

const quietMs = 60_000;

/** `toLine` is asked only for what is written. There are few kinds: all are remembered. */
export function createQuietLines<Kind extends string>({
  log,
  clock,
}: QuietLinesOptions): (kind: Kind, toLine: () => object) => void {
  const told = new Map<Kind, { readonly atMs: number; untold: number }>();
  return (kind, toLine) => {
    const last = told.get(kind);
    const nowMs = clock();
    if (last !== undefined && nowMs - last.atMs < quietMs) {
      last.untold += 1;
      return;
    }
    told.set(kind, { atMs: nowMs, untold: 0 });
    log(JSON.stringify({ ...toLine(), untold: last?.untold || undefined }));
  };
}
