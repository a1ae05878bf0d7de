/**
 * A bounded standard output for the serving process. Node buffers what a pipe's reader has not read
 * yet, so a stalled reader would fill the gateway's memory. Lines that do not fit are dropped and
 * counted; audit events are written elsewhere.
 */
import { timedLine } from './timed-line.ts';

export interface Output {
  write(text: string): unknown;
  /** Bytes waiting for the reader; absent if writes never wait. */
  readonly writableLength?: number;
}

const waitingMax = 16 * 1024 * 1024;

/** Takes whole lines, each with its line end. */
export function boundOutput(
  output: Output,
  { waitingBytesMax = waitingMax, now = Date.now } = {},
): { write(text: string): void } {
  let lost = 0;
  return {
    write(text) {
      // Resumes only once half is read, or a slow reader would get a loss report with every line.
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
