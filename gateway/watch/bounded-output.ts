/**
 * Standard output of what serves, with a bound. A pipe takes what its reader reads, and Node keeps
 * the rest: a reader that stands still would fill the memory of a gateway that goes on. Lines that
 * find no room are left out and counted; audit events do not come this way.
 */
import { timedLine } from './timed-line.ts';

export interface Output {
  write(text: string): unknown;
  /** Bytes that wait for the reader; absent where none can. */
  readonly writableLength?: number;
}

const waitingMax = 16 * 1024 * 1024;

/** Takes whole lines, each with its end. */
export function boundOutput(
  output: Output,
  { waitingBytesMax = waitingMax, now = Date.now } = {},
): { write(text: string): void } {
  let lost = 0;
  return {
    write(text) {
      // Half has to be read first, or a slow reader would get a count with every line.
      const most = lost === 0 ? waitingBytesMax : waitingBytesMax / 2;
      if ((output.writableLength ?? 0) > most) {
        lost += text.split('\n').length - 1;
        return;
      }
      if (lost > 0) output.write(`${toLoss(lost, now())}\n`);
      lost = 0;
      output.write(text);
    },
  };
}

function toLoss(lost: number, nowMs: number): string {
  const problem = 'nobody read the log in time';
  return timedLine(JSON.stringify({ kind: 'log', level: 'error', problem, lost }), nowMs);
}
