/** A line's place in the chain, read from its end: text inside the event cannot stand in for it. */
const link = /"chain":\{"id":"[^"]*","seq":(\d{1,16}),"prev":"[^"]*"\}\}\}\}$/;
const linkBytesMax = 256;

/** Undefined for a line without a link, which the log did not write. */
export function readSeq(line: Buffer): number | undefined {
  const place = readPlace(line);
  if (place !== undefined) return place.seq;
  const tail = line.toString('latin1', Math.max(0, line.length - linkBytesMax));
  const match = link.exec(tail);
  return match === null ? undefined : Number(match[1]);
}

export interface Place {
  /** Of the chain. */
  readonly id: string;
  readonly seq: number;
}

const [quote, digitZero, digitNine] = [0x22, 0x30, 0x39];
const ending = Buffer.from('"}}}}');
const beforePrev = Buffer.from(',"prev":"');
const beforeSeq = Buffer.from('","seq":');
const beforeId = Buffer.from('"chain":{"id":"');
const prevLength = 43;
const seqDigitsMax = 15;
const idLengthMax = 64;

/** Most lines of a batch are of one chain. */
let lastId = '';

/**
 * The same for the exact form in which the log writes links, without a regular expression: this is
 * asked of every line that is shipped. Undefined for any other form.
 */
export function readPlace(line: Buffer): Place | undefined {
  let at = line.length - ending.length;
  if (!stands(line, ending, at)) return undefined;
  // The first line of a chain has none before it.
  const prev = line[at - 1] === quote ? 0 : prevLength;
  if (!isWord(line, at - prev, at)) return undefined;
  at -= prev + beforePrev.length;
  if (!stands(line, beforePrev, at)) return undefined;
  const seqEnd = at;
  while (at > seqEnd - seqDigitsMax && isDigit(line[at - 1])) at -= 1;
  let seq = 0;
  for (let digit = at; digit < seqEnd; digit += 1) seq = seq * 10 + (line[digit] ?? 0) - digitZero;
  if (seq === 0 || line[at] === digitZero) return undefined;
  at -= beforeSeq.length;
  if (!stands(line, beforeSeq, at)) return undefined;
  const idEnd = at;
  while (at > idEnd - idLengthMax && line[at - 1] !== quote) at -= 1;
  if (at === idEnd || !isWord(line, at, idEnd)) return undefined;
  if (!stands(line, beforeId, at - beforeId.length)) return undefined;
  return { id: idOf(line, at, idEnd), seq };
}

function idOf(line: Buffer, start: number, end: number): string {
  let same = lastId.length === end - start;
  for (let at = 0; same && at < lastId.length; at += 1) {
    same = line[start + at] === lastId.charCodeAt(at);
  }
  if (!same) lastId = line.toString('latin1', start, end);
  return lastId;
}

function stands(line: Buffer, text: Buffer, start: number): boolean {
  if (start < 0) return false;
  for (let at = 0; at < text.length; at += 1) if (line[start + at] !== text[at]) return false;
  return true;
}

const isDigit = (byte: number | undefined): boolean =>
  byte !== undefined && byte >= digitZero && byte <= digitNine;

/** Letters, digits, `_` and `-` alone. */
const words = Uint8Array.from({ length: 256 }, (_, code) =>
  /[\w-]/.test(String.fromCharCode(code)) ? 1 : 0,
);

function isWord(line: Buffer, start: number, end: number): boolean {
  if (start < 0) return false;
  for (let at = start; at < end; at += 1) if (words[line[at] ?? 0] !== 1) return false;
  return true;
}
