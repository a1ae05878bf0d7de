/**
 * Slots of one size for the entries of buckets, in pages of typed arrays. Pages are added as needed
 * and kept; released slots are reused first.
 */
const slotsPerPage = 1024;

/** The entries of 1,024 slots; those of one slot are contiguous, oldest first. */
export interface Page {
  readonly stamps: Float64Array;
  readonly counts: Uint32Array;
  /** Entries in use, by slot. */
  readonly used: Uint8Array;
}

export class SlotPool {
  readonly size: number;
  readonly #pages: Page[] = [];
  #fresh = 0;
  /** Head of the list of released slots, linked through their first count; 0 ends it. */
  #firstFree = 0;

  constructor(size: number) {
    this.size = size;
  }

  take(): number {
    if (this.#firstFree > 0) {
      const slot = this.#firstFree - 1;
      const page = this.page(slot);
      this.#firstFree = page.counts[this.base(slot)] as number;
      page.used[slot % slotsPerPage] = 0;
      return slot;
    }
    if (this.#fresh === this.#pages.length * slotsPerPage) this.#pages.push(this.#newPage());
    return this.#fresh++;
  }

  release(slot: number): void {
    this.page(slot).counts[this.base(slot)] = this.#firstFree;
    this.#firstFree = slot + 1;
  }

  page(slot: number): Page {
    return this.#pages[(slot / slotsPerPage) | 0] as Page;
  }

  /** The index of a slot's first entry in its page. */
  base(slot: number): number {
    return (slot % slotsPerPage) * this.size;
  }

  /** The index of a slot's entry count in its page. */
  row(slot: number): number {
    return slot % slotsPerPage;
  }

  #newPage(): Page {
    const entries = slotsPerPage * this.size;
    return {
      stamps: new Float64Array(entries),
      counts: new Uint32Array(entries),
      used: new Uint8Array(slotsPerPage),
    };
  }
}
