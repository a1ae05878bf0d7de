/** Which rates refused a request. */
import type { RequestRecord } from './request.ts';

/** Names in the order of charges; empty if no rate refused it. */
export const exhaustedRates = ({ charges }: Pick<RequestRecord, 'charges'>): readonly string[] =>
  charges.flatMap(({ rate, exhausted }) => (exhausted === true ? [rate] : []));
