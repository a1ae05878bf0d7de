/** Notices work that hangs on the disk. */

/** Checks of unfinished work, evenly over `stallMs`, after which the disk counts as hung. */
const stallLooks = 5;

/**
 * Calls `onStall` once if the work takes longer than `stallMs`; the work itself goes on. Counts
 * checks rather than time: while the process itself is suspended, no check runs and the disk is not
 * blamed.
 */
export async function watchStall(
  work: () => Promise<void>,
  stallMs: number,
  onStall: () => void,
): Promise<void> {
  let looks = 0;
  const watch = setInterval(() => {
    looks += 1;
    if (looks === stallLooks) onStall();
  }, stallMs / stallLooks);
  try {
    await work();
  } finally {
    clearInterval(watch);
  }
}
