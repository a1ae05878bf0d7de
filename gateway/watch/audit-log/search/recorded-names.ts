/** The names in a log: types of its subjects, and coordinates whose values were sent. */
import { listSegments, readBlocks } from '../read-segment.ts';

/**
 * The bytes before and after a name; quotes within texts are escaped, so neither is part of one.
 */
const marks = {
  type: ['{"type":"', '","fields":['],
  field: ['{"field":"', '","classes":['],
} as const;

/**
 * A schema has fewer; if an attacker filled the log with names, the first are enough for a hint.
 */
const namesMax = 50_000;

/** Each name once, newest segments first; throws what reading throws. */
export async function* recordedNames(
  directories: readonly string[],
  kind: keyof typeof marks,
): AsyncGenerator<string> {
  const [before, after] = marks[kind];
  const around = { before: Buffer.from(before), after: Buffer.from(after) };
  const seen = new Set<string>();
  for (const directory of directories) {
    for (const segment of (await listSegments(directory)).reverse()) {
      for await (const { bytes } of readBlocks(directory, segment)) {
        for (const name of namesIn(bytes, around)) {
          if (seen.has(name) || seen.size >= namesMax) continue;
          seen.add(name);
          yield name;
        }
      }
    }
  }
}

function* namesIn(
  bytes: Buffer,
  { before, after }: { before: Buffer; after: Buffer },
): Generator<string> {
  for (let at = bytes.indexOf(before); at >= 0; ) {
    const start = at + before.length;
    const end = bytes.indexOf(34, start);
    if (end < 0) return;
    if (after.compare(bytes, end, end + after.length) === 0) {
      yield bytes.toString('latin1', start, end);
    }
    at = bytes.indexOf(before, end);
  }
}
