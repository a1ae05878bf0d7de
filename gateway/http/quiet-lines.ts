/**
 * Logs recurring failures: one line a minute for each kind, with the number of failures left out
 * since the last.
 */
export interface QuietLinesOptions {
  /** Receives one line at a time, without a line end. */
  readonly log: (line: string) => void;
  /** Milliseconds, preferably monotonic. */
  readonly clock: () => number;
}

const quietMs = 60_000;

/** `toLine` is called only for written lines. All kinds are remembered, because there are few. */
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
