/**
 * Passes on what a worker writes in whole lines, so that the lines of several never mix. A line
 * without an end is held up to a bound, and ended where its writer has ended.
 */
export interface WholeLines {
  push(chunk: Buffer): void;
  /** No more comes: what is left becomes a line. */
  end(): void;
}

const newline = 0x0a;
const heldBytesMax = 1_048_576;

/** @param write gets one or more whole lines, with their ends */
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
        // Together as bytes: a character may lie in both.
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
