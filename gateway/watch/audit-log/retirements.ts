/** What a log says that retention deleted of it. Only what is signed counts: the rest could have been put there by whoever deleted more. Pure. */

const mark = Buffer.from('"retired":{"through":');
const digitsMax = 16;

export class Retirements {
  readonly #found: { readonly seq: number; readonly through: number }[] = [];

  /** Whether there may be any in these lines. */
  areIn(lines: Buffer): boolean {
    return lines.includes(mark);
  }

  /** Looks at the record of this number. */
  look(line: Buffer, seq: number): void {
    const at = line.indexOf(mark);
    if (at < 0) return;
    const start = at + mark.length;
    const through = Number.parseInt(line.toString('latin1', start, start + digitsMax), 10) || 0;
    this.#found.push({ seq, through });
  }

  /** The last record that was deleted, by what is signed up to `signedSeq`; 0 where none was. */
  through(signedSeq: number): number {
    const signed = this.#found.filter(({ seq }) => seq <= signedSeq);
    return signed.reduce((most, { through }) => Math.max(most, through), 0);
  }
}
