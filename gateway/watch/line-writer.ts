/**
 * Writes log lines in batches, one write per 50 ms: a write per line costs as much as a step of the
 * walk, and with workers it wakes two processes. Bounded: a large batch is written at once. A
 * killed process loses at most the lines of its last batch; audit events are written elsewhere.
 */
export interface LineWriter {
  write(line: string): void;
  /** Writes the waiting lines now. */
  flush(): void;
}

/** Characters that wait at most before they are written. */
const waitingMax = 65_536;
const waitingMs = 50;

/** @param write gets whole lines, each with its line end */
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
