/**
 * The gateway's own log: one line per request. In a flood of refusals only the first ones of each
 * second get a line, then one line has the count of the rest: refused callers cannot fill a disk.
 */
import type { RequestRecord } from '../request.ts';
import type { TurnedAway } from '../turned-away.ts';
import { type FloodCount, FloodCounter } from './flood.ts';
import { toLogLine } from './log-line.ts';

export interface RequestLog {
  /** Takes a closed record; returns the line that it wrote, or undefined if it was only counted. */
  write(record: RequestRecord): string | undefined;
  /** Counts a request of a flood, which has no record. */
  count(turnedAway: TurnedAway): void;
  close(): void;
}

export function createRequestLog(options: {
  readonly log: (line: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}): RequestLog {
  const { log, now } = options;
  const floods = new FloodCounter();
  const tell = (ended: readonly FloodCount[]): void => {
    for (const { reason, count, fromMs } of ended) {
      log(JSON.stringify({ time: new Date(fromMs).toISOString(), kind: 'flood', reason, count }));
    }
  };
  const timer = setInterval(() => tell(floods.takeEnded(now())), 1_000);
  timer.unref();
  return {
    write(record) {
      const { own, ended } = floods.admit(record, now());
      tell(ended);
      if (!own) return undefined;
      const line = toLogLine(record);
      log(line);
      return line;
    },
    count(turnedAway) {
      const ended = floods.count(turnedAway, turnedAway.atMs);
      if (ended.length > 0) tell(ended);
    },
    close() {
      clearInterval(timer);
      tell(floods.takeEnded(now() + 1_000));
    },
  };
}
