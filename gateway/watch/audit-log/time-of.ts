/** The time of an event without parsing all of it: the one member of the line that is `"time":` and a number. Pure. */

const form = /[{,]"time":(\d{1,15})[,}]/;

/** Milliseconds since the epoch; undefined where the line does not say. */
export function timeOf(line: Buffer): number | undefined {
  // Quotes inside texts are escaped, so this cannot be part of one.
  const match = form.exec(line.toString('latin1'));
  return match === null ? undefined : Number(match[1]);
}
