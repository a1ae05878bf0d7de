/**
 * Record budgets of one request, as what may leave is counted: shape asks before each value, rates
 * reserved them before the fetch. At the door because neither room knows the other.
 */
export interface Egress {
  /**
   * Whether one more value of the coordinate may leave; counts it if so. A coordinate without a
   * budget may always.
   */
  take(coordinate: string): boolean;
}

/** No budgets. */
export const freeEgress: Egress = { take: () => true };
