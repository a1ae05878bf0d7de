/** A rate as a policy file states it, and as it is once it knows the schema. */
import type { Situation } from '../conditions/situation.ts';
import type { Caller } from '../request.ts';

/** What a bucket belongs to; a list of them is one compound key. */
export type Identity =
  | { readonly kind: 'address' | 'caller' | 'client' | 'token' }
  | { readonly kind: 'claim' | 'argument'; readonly path: readonly string[] };

export type Counts = 'requests' | 'occurrences' | 'records';

export interface Rate {
  readonly name: string;
  readonly per: readonly Identity[];
  readonly counts: Counts;
  readonly limit: number;
  readonly windowMs: number;
}

/** Where something is written; line and column count from 1. */
export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface CompiledRate extends Rate {
  readonly source: SourceLocation;
  /** Coordinates it counts; undefined: every request. */
  readonly coordinates: ReadonlySet<string> | undefined;
  /** On trial: it refuses nothing. Absent: in force. */
  readonly onTrial?: true;
  /** Without a `for`: for everybody. */
  readonly forAll: boolean;
  /** Whether the rate is for this caller; true where that cannot be told. */
  applies(caller: Caller, situation?: Situation): boolean;
}

/** Charged on its own before anybody is identified: the address's rate of requests, for all. */
export function isChargedAtAdmit(rate: CompiledRate): boolean {
  const [only, ...more] = rate.per;
  return (
    rate.forAll && rate.coordinates === undefined && only?.kind === 'address' && more.length === 0
  );
}
