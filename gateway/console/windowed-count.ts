/**
 * A count for the last hour, the last day and in all, in constant space: sixty minutes and
 * twenty-four hours, each reset when it comes round again.
 */
const minuteMs = 60_000;
const hourMs = 3_600_000;

/** In the last hour, the last day, and since the start. */
export type Counts = readonly [hour: number, day: number, total: number];

export class WindowedCount {
  readonly #minutes = new Ring(60);
  readonly #hours = new Ring(24);
  #total = 0;

  /** @param nowMs milliseconds since the epoch */
  add(amount: number, nowMs: number): void {
    this.#minutes.add(amount, Math.floor(nowMs / minuteMs));
    this.#hours.add(amount, Math.floor(nowMs / hourMs));
    this.#total += amount;
  }

  /** The current minute and hour count as whole ones. */
  read(nowMs: number): Counts {
    return [
      this.#minutes.sum(Math.floor(nowMs / minuteMs)),
      this.#hours.sum(Math.floor(nowMs / hourMs)),
      this.#total,
    ];
  }
}

/** Counts per unit of time, for as many units as it is long. */
class Ring {
  readonly #counts: number[];
  #now = 0;

  constructor(length: number) {
    this.#counts = new Array<number>(length).fill(0);
  }

  add(amount: number, unit: number): void {
    this.#turn(unit);
    const at = this.#now % this.#counts.length;
    this.#counts[at] = (this.#counts[at] ?? 0) + amount;
  }

  sum(unit: number): number {
    this.#turn(unit);
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  /** Resets the units that have passed; if the clock was set back, the latest unit is used on. */
  #turn(unit: number): void {
    const { length } = this.#counts;
    const passed = Math.min(unit - this.#now, length);
    for (let back = 0; back < passed; back += 1) this.#counts[(unit - back) % length] = 0;
    if (unit > this.#now) this.#now = unit;
  }
}
