/** A line's number in the chain, read from its end: text inside the event cannot stand in for it. */
const link = /"chain":\{"id":"[^"]*","seq":(\d{1,16}),"prev":"[^"]*"\}\}\}\}$/;
const linkBytesMax = 256;

/** Undefined for a line without a link, which the log did not write. */
export function readSeq(line: Buffer): number | undefined {
  const tail = line.toString('latin1', Math.max(0, line.length - linkBytesMax));
  const match = link.exec(tail);
  return match === null ? undefined : Number(match[1]);
}
