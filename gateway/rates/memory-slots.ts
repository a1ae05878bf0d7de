/**
 * Slots for the entries of buckets, of one size, in pages of typed arrays. Pages are added as
 * needed and kept; a released slot is the next to be taken.
 */
const slotsPerPage = 1024;

/** Entries of 1,024 slots; those of one slot stand together, oldest first. */
export interface Page {
  readonly stamps: Float64Array;
  readonly counts: Uint32Array;
  /** Entries in use, by slot. */
  readonly used: Uint8Array;
}

export class SlotPool {
  readonly size: number;
  private readonly pages: Page[] = [];
  private fresh = 0;
  /** Released slots form a list through their first count; 0 ends it. */
  private firstFree = 0;

  constructor(size: number) {
    this.size = size;
  }

  take(): number {
    if (this.firstFree > 0) {
      const slot = this.firstFree - 1;
      const page = this.page(slot);
      this.firstFree = page.counts[this.base(slot)] as number;
      page.used[slot % slotsPerPage] = 0;
      return slot;
    }
    if (this.fresh === this.pages.length * slotsPerPage) this.pages.push(this.newPage());
    return this.fresh++;
  }

  release(slot: number): void {
    this.page(slot).counts[this.base(slot)] = this.firstFree;
    this.firstFree = slot + 1;
  }

  page(slot: number): Page {
    return this.pages[(slot / slotsPerPage) | 0] as Page;
  }

  /** Where a slot's entries begin in its page. */
  base(slot: number): number {
    return (slot % slotsPerPage) * this.size;
  }

  /** Where a slot's number of entries stands in its page. */
  row(slot: number): number {
    return slot % slotsPerPage;
  }

  private newPage(): Page {
    const entries = slotsPerPage * this.size;
    return {
      stamps: new Float64Array(entries),
      counts: new Uint32Array(entries),
      used: new Uint8Array(slotsPerPage),
    };
  }
}
