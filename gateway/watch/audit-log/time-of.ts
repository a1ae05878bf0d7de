/** Reads the time of an event without parsing it: the only member `"time":` with a number. Pure. */

const form = /[{,]"time":(\d{1,15})[,}]/;

/** Milliseconds since the epoch; undefined if the line has no time. */
export function timeOf(line: Buffer): number | undefined {
  // Quotes within texts are escaped, so this cannot be part of one.
  const match = form.exec(line.toString('latin1'));
  return match === null ? undefined : Number(match[1]);
}
