/**
 * Writes lines in batches: all of a twentieth of a second go out as one write, since a write for each
 * costs as much as a step of the walk, and with workers two processes wake for it. Bounded: a batch
 * that is large goes out at once. What a process that is killed takes with it is the lines of that
 * moment; audit events do not come this way.
 */
export interface LineWriter {
  write(line: string): void;
  /** Writes what waits, now. */
  flush(): void;
}

/** Characters that wait at most. */
const waitingMax = 65_536;
const waitingMs = 50;

/** @param write gets whole lines, each with its end */
export function createLineWriter(write: (text: string) => void): LineWriter {
  let waiting = '';
  function flush(): void {
    if (waiting === '') return;
    const text = waiting;
    waiting = '';
    write(text);
  }
  return {
    flush,
    write(line) {
      if (waiting === '') setTimeout(flush, waitingMs);
      waiting += `${line}\n`;
      if (waiting.length >= waitingMax) flush();
    },
  };
}
