/** Notices work that hangs on the disk. */

/** Checks of unfinished work, evenly over `stallMs`, after which the disk counts as hung. */
const stallLooks = 5;

/**
 * Calls `onStall` once if the work takes longer than `stallMs`; the work itself goes on. Counts
 * checks that come in time: while the process itself is suspended or busy, the disk may have
 * answered unheard, and is not blamed.
 */
export async function watchStall(
  work: () => Promise<void>,
  stallMs: number,
  onStall: () => void,
): Promise<void> {
  const everyMs = stallMs / stallLooks;
  let looks = 0;
  let lastMs = performance.now();
  const watch = setInterval(() => {
    const nowMs = performance.now();
    const isInTime = nowMs - lastMs < 2 * everyMs;
    lastMs = nowMs;
    if (!isInTime) return;
    looks += 1;
    if (looks === stallLooks) onStall();
  }, everyMs);
  try {
    await work();
  } finally {
    clearInterval(watch);
  }
}
