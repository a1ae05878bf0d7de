/**
 * How many lines are sent together: fewer after a response that some of them may have caused, more
 * again after each success. Pure.
 */
import type { ForwarderLimits } from './forwarder-options.ts';
import type { AuditLine } from './line-reader.ts';

/** Average bytes of a line's attributes and framing. */
const overheadBytes = 1_024;
/**
 * Lines sent together after a partial success, which does not say which ones were refused; also how
 * many more after each success, so that a collector that does this often costs few lines.
 */
const cautiousRecords = 16;

export class BatchWindow {
  readonly #limits: Pick<ForwarderLimits, 'batchBytes' | 'batchRecords'>;
  #records: number;
  #isCautious = false;

  constructor(limits: Pick<ForwarderLimits, 'batchBytes' | 'batchRecords'>) {
    this.#limits = limits;
    this.#records = limits.batchRecords;
  }

  /** The first of the lines, as many as are sent together; at least one unless there are none. */
  take(lines: readonly AuditLine[]): readonly AuditLine[] {
    let [count, bytes] = [0, 0];
    for (const line of lines.slice(0, this.#records)) {
      bytes += line.bytes.length + overheadBytes;
      if (count > 0 && bytes > this.#limits.batchBytes) break;
      count += 1;
    }
    return lines.slice(0, count);
  }

  /** A batch was accepted. */
  widen(): void {
    const { batchRecords } = this.#limits;
    const wider = this.#isCautious ? this.#records + cautiousRecords : this.#records * 2;
    this.#records = Math.min(batchRecords, wider);
    if (this.#records === batchRecords) this.#isCautious = false;
  }

  /** A batch of that many was too much, or one of its lines was refused. */
  narrow(count: number): void {
    this.#records = Math.max(1, Math.floor(count / 2));
  }

  /** Some lines of a batch of that many were refused, and it is unknown which. */
  beCautious(count: number): void {
    this.#isCautious = true;
    this.narrow(Math.min(count, cautiousRecords * 2));
  }
}
