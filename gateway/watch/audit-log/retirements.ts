/**
 * What a log records of deletions by retention. Only signed records count: an attacker who deleted
 * more could have written the others. Pure.
 */

const mark = Buffer.from('"retired":{"through":');
const digitsMax = 16;

export class Retirements {
  readonly #found: { readonly seq: number; readonly through: number }[] = [];

  /** Whether these lines may contain such records. */
  areIn(lines: Buffer): boolean {
    return lines.includes(mark);
  }

  /** Examines the record of this number. */
  look(line: Buffer, seq: number): void {
    const at = line.indexOf(mark);
    if (at < 0) return;
    const start = at + mark.length;
    const through = Number.parseInt(line.toString('latin1', start, start + digitsMax), 10) || 0;
    this.#found.push({ seq, through });
  }

  /** The last deleted record, according to records up to `signedSeq`; 0 if none was deleted. */
  through(signedSeq: number): number {
    const signed = this.#found.filter(({ seq }) => seq <= signedSeq);
    return signed.reduce((most, { through }) => Math.max(most, through), 0);
  }
}
