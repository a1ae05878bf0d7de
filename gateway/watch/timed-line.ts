/** The log's lines say when: requests when they began, everything else when it was said. */

/** @param line an object as JSON; one that says its time is left as it is */
export function timedLine(line: string, nowMs: number): string {
  if (!line.startsWith('{"') || line.startsWith('{"time":')) return line;
  return `{"time":"${new Date(nowMs).toISOString()}",${line.slice(1)}`;
}
