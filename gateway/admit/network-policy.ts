/** The network policy: which addresses and countries may come in. */
import type { NamedAt } from '../files/named-file.ts';
import type { SourceLocation } from '../files/source-location.ts';
import type { Shadow } from '../shadow.ts';

export interface ListSource {
  readonly name: string;
  /** Absolute, or relative to the working directory if the policies are. */
  readonly file: string;
  readonly named?: NamedAt | undefined;
  readonly reloadMs: number;
}

export interface RegionRules {
  readonly file: string;
  readonly named?: NamedAt | undefined;
  readonly reloadMs: number;
  /** Countries that are refused. */
  readonly deny: readonly string[];
  /** If given, all other countries are refused. */
  readonly allow: readonly string[] | undefined;
}

export interface NetworkPolicy {
  readonly trustedProxies: number | readonly string[];
  readonly header: 'x-forwarded-for' | 'forwarded';
  readonly lists: readonly ListSource[];
  /** Lists whose addresses are refused. */
  readonly deny: readonly string[];
  /** If given, addresses outside these lists are refused. */
  readonly allow: readonly string[] | undefined;
  readonly regions: RegionRules | undefined;
  /** Rules in shadow mode. */
  readonly shadows: readonly NetworkShadow[];
}

export const openNetwork: NetworkPolicy = Object.freeze({
  trustedProxies: [],
  header: 'x-forwarded-for',
  lists: [],
  deny: [],
  allow: undefined,
  regions: undefined,
  shadows: [],
});

/** A rule in shadow mode. */
export interface NetworkShadow {
  readonly kind: 'deny' | 'allow' | 'regions.deny' | 'regions.allow';
  /** Lists or countries. */
  readonly names: readonly string[];
  readonly source: SourceLocation;
  readonly shadow: Shadow & { readonly source: SourceLocation };
}
