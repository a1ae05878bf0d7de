/**
 * The record budgets of one request: rates reserves them before the fetch, and shape asks before
 * each value leaves. In plan/ because neither room may import the other.
 */
export interface Egress {
  /**
   * Whether one more value of the coordinate may leave; counts it if so. A coordinate without a
   * budget always may.
   */
  take(coordinate: string): boolean;
}

/** No budgets. */
export const freeEgress: Egress = { take: () => true };
