/**
 * A named list of networks from a text file: one address or network per line, `#` begins a comment.
 *
 * A bad line refuses the whole file with its number: a list read in part blocks in part. A file
 * with nothing but blanks in it is refused, too: an interrupted copy or an empty variable leaves one
 * behind, and a blocklist would silently block nothing. A list meant to be empty has a comment line.
 */
import { setImmediate } from 'node:timers/promises';
import { createNetworkSlot, readNetwork } from '../addresses/ip-network.ts';
import { ConfigError, fileProblem, type Problem } from '../files/config-error.ts';
import { createRangesBuilder, type Ranges } from './network-list-ranges.ts';

export interface NetworkList extends Ranges {
  /** Number of lines with a network. */
  readonly entries: number;
}

export const listBytesMax = 64 * 1024 * 1024;
const entriesMax = 1_000_000;
const problemsMax = 100;
/** Lines between pauses: a long list must not delay concurrent requests. */
const linesPerTurn = 20_000;

/** Parses a list; throws ConfigError with its bad lines. `file` is used in messages. */
export async function parseNetworkList(bytes: Uint8Array, file: string): Promise<NetworkList> {
  const text = toText(bytes, file);
  const builder = createRangesBuilder();
  const slot = createNetworkSlot();
  const problems: Problem[] = [];
  let entries = 0;
  let line = 0;
  for (let start = 0; start < text.length && problems.length < problemsMax; ) {
    const newline = text.indexOf('\n', start);
    const stop = newline < 0 ? text.length : newline;
    line += 1;
    const from = skipBlanks(text, start, stop);
    const to = endOfEntry(text, from, stop);
    if (to > from) {
      entries += 1;
      if (entries > entriesMax) throw tooMany(file, line);
    }
    const returnAt = findReturn(text, to, stop);
    if (to > from && !readNetwork(text, from, to, slot)) {
      problems.push(badEntry(file, line, from - start + 1));
    } else if (returnAt !== undefined) {
      problems.push(badLineEnd(file, line, returnAt - start + 1));
    } else if (to > from) builder.add(slot);
    start = stop + 1;
    if (line % linesPerTurn === 0) await setImmediate();
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { ...(await builder.build()), entries };
}

function toText(bytes: Uint8Array, file: string): string {
  const text = decode(bytes, file);
  if (/\S/.test(text)) return text;
  const message = 'the file is empty: a list without entries needs a comment line, # none';
  throw new ConfigError([fileProblem(file, 'empty', message)]);
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ConfigError([fileProblem(file, 'file-encoding', 'the file is not UTF-8 text')]);
  }
}

/** Space, tab, or the carriage return of a CRLF line end. */
const isBlank = (code: number): boolean => code === 32 || code === 9 || code === 13;

function skipBlanks(text: string, start: number, stop: number): number {
  let at = start;
  while (at < stop && isBlank(text.charCodeAt(at))) at += 1;
  return at;
}

/** The end of the text before a comment, without trailing blanks. */
function endOfEntry(text: string, from: number, stop: number): number {
  let end = from;
  while (end < stop && text.charCodeAt(end) !== 35) end += 1;
  while (end > from && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return end;
}

/**
 * A carriage return with text after it, in a comment: in a file with line ends of that kind alone,
 * the first comment would reach to the end of the file.
 */
function findReturn(text: string, from: number, stop: number): number | undefined {
  let end = stop;
  while (end > from && isBlank(text.charCodeAt(end - 1))) end -= 1;
  for (let at = from; at < end; at += 1) if (text.charCodeAt(at) === 13) return at;
  return undefined;
}

const wrongFormat =
  (message: string) =>
  (file: string, line: number, column: number): Problem => ({
    ...fileProblem(file, 'wrong-format', message),
    line,
    column,
  });

const badEntry = wrongFormat('must be one address or network, like 192.0.2.0/24');
const badLineEnd = wrongFormat(
  'a line must end with a line feed, not with a carriage return alone',
);

const tooMany = (file: string, line: number): ConfigError =>
  new ConfigError([
    { ...fileProblem(file, 'out-of-range', `at most ${entriesMax} entries`), line },
  ]);
