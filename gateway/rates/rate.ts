/** A rate as a policy file states it, and compiled against the schema. */
import type { Situation } from '../conditions/situation.ts';
import type { SourceLocation } from '../files/source-location.ts';
import type { Caller } from '../request.ts';

/** Whose bucket it is; a list of these is one compound key. */
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

export interface CompiledRate extends Rate {
  readonly source: SourceLocation;
  /** The coordinates that it counts; undefined for every request. */
  readonly coordinates: ReadonlySet<string> | undefined;
  /** In shadow mode, in which it refuses nothing; absent if in force. */
  readonly inShadow?: true;
  /** Whether it has no `for`, and so applies to all callers. */
  readonly forAll: boolean;
  /** Whether the rate applies to this caller; true if that cannot be determined. */
  applies(caller: Caller, situation?: Situation): boolean;
}

/** Whether it is charged before the caller is identified: an address's rate of all requests. */
export function isChargedAtAdmit(rate: CompiledRate): boolean {
  const [only, ...more] = rate.per;
  return (
    rate.forAll && rate.coordinates === undefined && only?.kind === 'address' && more.length === 0
  );
}
