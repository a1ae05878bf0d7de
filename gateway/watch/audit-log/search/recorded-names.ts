/** Which names a log knows: types whose records it names, coordinates of which a value left. */
import { listSegments, readBlocks } from '../read-segment.ts';

/** What stands before and after a name; quotes inside texts are escaped, so neither is part of one. */
const marks = {
  type: ['{"type":"', '","fields":['],
  field: ['{"field":"', '","classes":['],
} as const;

/** A schema has fewer; of a log that somebody filled, the first are enough to choose a hint from. */
const namesMax = 50_000;

/** Each once, newest segments first; throws what reading throws. */
export async function* recordedNames(
  directories: readonly string[],
  kind: keyof typeof marks,
): AsyncGenerator<string> {
  const [before, after] = marks[kind];
  const around = { before: Buffer.from(before), after: Buffer.from(after) };
  const known = new Set<string>();
  for (const directory of directories) {
    for (const segment of (await listSegments(directory)).reverse()) {
      for await (const { bytes } of readBlocks(directory, segment)) {
        for (const name of namesIn(bytes, around)) {
          if (known.has(name) || known.size >= namesMax) continue;
          known.add(name);
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
