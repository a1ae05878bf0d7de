/**
 * How many lines go out together: fewer after an answer that some of them may have caused, more
 * again with each that is accepted. Pure.
 */
import type { ForwarderLimits } from './forwarder-options.ts';
import type { AuditLine } from './line-reader.ts';

/** Text beside a line: attributes and framing, on average. */
const overheadBytes = 1_024;
/** Lines sent together after a partial success, which does not say which it refused; and by how
 * many more after each success, so that a collector which does that often costs few lines. */
const cautiousRecords = 16;

export class BatchWindow {
  readonly #limits: Pick<ForwarderLimits, 'batchBytes' | 'batchRecords'>;
  #records: number;
  #isCautious = false;

  constructor(limits: Pick<ForwarderLimits, 'batchBytes' | 'batchRecords'>) {
    this.#limits = limits;
    this.#records = limits.batchRecords;
  }

  /** The first of these, as many as go out together; at least one where there is one. */
  take(lines: readonly AuditLine[]): readonly AuditLine[] {
    let [count, bytes] = [0, 0];
    for (const line of lines.slice(0, this.#records)) {
      bytes += line.bytes.length + overheadBytes;
      if (count > 0 && bytes > this.#limits.batchBytes) break;
      count += 1;
    }
    return lines.slice(0, count);
  }

  /** So many were accepted together. */
  widen(): void {
    const { batchRecords } = this.#limits;
    const wider = this.#isCautious ? this.#records + cautiousRecords : this.#records * 2;
    this.#records = Math.min(batchRecords, wider);
    if (this.#records === batchRecords) this.#isCautious = false;
  }

  /** So many together were too much, or one of them was refused. */
  narrow(count: number): void {
    this.#records = Math.max(1, Math.floor(count / 2));
  }

  /** Some of so many were refused, and nobody knows which. */
  beCautious(count: number): void {
    this.#isCautious = true;
    this.narrow(Math.min(count, cautiousRecords * 2));
  }
}
