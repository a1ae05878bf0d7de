/**
 * Forwards a worker's output in whole lines, so that lines of several workers never mix. An
 * incomplete line is buffered up to a bound, and completed when its writer has ended.
 */
export interface WholeLines {
  push(chunk: Buffer): void;
  /** No more data follows: the rest becomes a line. */
  end(): void;
}

const newline = 0x0a;
const heldBytesMax = 1_048_576;

/** `write`: receives one or more whole lines, with their line ends. */
export function createWholeLines(write: (text: string) => void): WholeLines {
  let held: Buffer[] = [];
  let heldBytes = 0;
  const take = (): string => {
    const text = Buffer.concat(held).toString('utf8');
    held = [];
    heldBytes = 0;
    return text;
  };
  const hold = (bytes: Buffer): void => {
    held.push(bytes);
    heldBytes += bytes.length;
    if (heldBytes >= heldBytesMax) write(`${take()}\n`);
  };
  return {
    push(chunk) {
      const end = chunk.lastIndexOf(newline) + 1;
      if (end > 0) {
        // Joined as bytes: a character may span both chunks.
        held.push(chunk.subarray(0, end));
        write(take());
      }
      if (end < chunk.length) hold(chunk.subarray(end));
    },
    end() {
      if (heldBytes > 0) write(`${take()}\n`);
    },
  };
}
