/** Who may come in by address and country, as the policies say it. */
import type { Shadow } from '../shadow.ts';

export interface ListSource {
  readonly name: string;
  /** Absolute, or relative to the working directory if the policies are. */
  readonly file: string;
  readonly reloadMs: number;
}

export interface RegionRules {
  readonly file: string;
  readonly reloadMs: number;
  /** Countries that may not come in. */
  readonly deny: readonly string[];
  /** Where there is one, only these may come in. */
  readonly allow: readonly string[] | undefined;
}

export interface NetworkPolicy {
  readonly trustedProxies: number | readonly string[];
  readonly header: 'x-forwarded-for' | 'forwarded';
  readonly lists: readonly ListSource[];
  /** Lists whose addresses may not come in. */
  readonly deny: readonly string[];
  /** Where there is one, only addresses of these lists may come in. */
  readonly allow: readonly string[] | undefined;
  readonly regions: RegionRules | undefined;
  /** Rules on trial. */
  readonly trials: readonly NetworkTrial[];
}

export const openNetwork: NetworkPolicy = Object.freeze({
  trustedProxies: [],
  header: 'x-forwarded-for',
  lists: [],
  deny: [],
  allow: undefined,
  regions: undefined,
  trials: [],
});

/** A rule on trial. */
export interface NetworkTrial {
  readonly kind: 'deny' | 'allow' | 'regions.deny' | 'regions.allow';
  /** Lists or countries. */
  readonly names: readonly string[];
  readonly source: Place;
  readonly shadow: Shadow & { readonly source: Place };
}

/** Where something is written; line and column count from 1. */
interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}
