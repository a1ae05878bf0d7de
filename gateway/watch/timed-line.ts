/**
 * The time of the log's lines: for a request when it began, for anything else when it was written.
 */

/** @param line an object as JSON; one that already begins with its time is left as it is */
export function timedLine(line: string, nowMs: number): string {
  if (!line.startsWith('{"') || line.startsWith('{"time":')) return line;
  return `{"time":"${new Date(nowMs).toISOString()}",${line.slice(1)}`;
}
