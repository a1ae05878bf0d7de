/** The findings of `check` about a configuration that loads. */
import type { BesidePin } from '../../authorize/beside-pins.ts';
import type { OpenFilter } from '../../authorize/open-filters.ts';
import type { ParentsLookedAt } from '../../authorize/parents-looked-at.ts';
import type { FilterMatch } from '../../authorize/policy.ts';
import type { Unclassified } from '../../authorize/unclassified.ts';
import type { WriteCoverage } from '../../authorize/write-coverage.ts';
import type { EndingCertificate } from '../../delegate/transport/ending-certificates.ts';
import type { LoadedGraph } from '../../graph.ts';
import type { ExplainedPin } from '../explain/explain-text.ts';
import type { Idle } from './check-idle.ts';
import type { OtherIssuer } from './check-issuers.ts';
import type { ListRate } from './check-list-rates.ts';
import type { DeadMask } from './check-masks.ts';
import type { FoundPattern } from './check-patterns.ts';
import type { FoundShadow } from './check-shadows.ts';

/** The format of `--json`. */
export interface Findings {
  readonly ok: true;
  readonly unlisted: readonly string[];
  /** Rules whose `allow` grants nothing. */
  readonly dead: readonly { readonly rule: string; readonly file: string; readonly line: number }[];
  readonly deadMasks: readonly DeadMask[];
  /** Names with a `*`, which is compared literally there. */
  readonly patterns: readonly FoundPattern[];
  /** Keys and network lists without effect. */
  readonly idle: readonly Idle[];
  /** Rates by an argument that holds a list. */
  readonly listRates: readonly ListRate[];
  /** Coordinates that sound sensitive and have no class. */
  readonly unclassified: readonly Unclassified[];
  readonly fallen: readonly string[];
  /**
   * Coordinates hidden from callers without their grant, and those that disappear if all are
   * hidden.
   */
  readonly hidden: readonly string[];
  readonly fallenWithHidden: readonly string[];
  readonly report: LoadedGraph['report'];
  /** Filters on fields that have a class or are hidden from some callers, whose grant they need. */
  readonly filters: readonly FoundFilter[];
  readonly warnings: readonly FreeFilter[];
  /** Open filters on fields that no rule grants and that have no class. */
  readonly openFilters: readonly OpenFilter[];
  /** Inputs whose default chooses such a field: when omitted, they need its grant. */
  readonly defaults: readonly FoundDefault[];
  /** Arguments that are fixed from the token. */
  readonly pins: readonly ExplainedPin[];
  /** Open inputs with a name like a pinned argument's beside it. */
  readonly besidePins: readonly BesidePin[];
  /** Fields that conditions read: fetched for them for every caller. */
  readonly looked: readonly string[];
  /** Grants and masks that look at parents of several types, or of the field's own type. */
  readonly parents: readonly ParentsLookedAt[];
  /** The reads before writes, and the writes that none covers. */
  readonly writes: WriteCoverage;
  /** Input fields that only a `*` opens, and the classified fields that they write. */
  readonly wideWrites: readonly FoundWideWrite[];
  /** Arguments of queries: keys of objects of which nothing is required there. */
  readonly keyQueries: readonly string[];
  /** Rules in shadow mode, and whether they end soon or have ended. */
  readonly shadows: readonly FoundShadow[];
  /** Files that serving needs at start and that are missing. */
  readonly absent: readonly string[];
  /** Certificates that have expired or expire within two weeks. */
  readonly ending: readonly EndingCertificate[];
  readonly otherIssuers: readonly OtherIssuer[];
  /** Number of cases beside the policies; they are read but not run. */
  readonly cases: number;
}

export interface FoundFilter extends FilterMatch {
  /** The rule that names it, which decides in place of that grant. */
  readonly named?: { readonly rule: string; readonly file: string; readonly line: number };
}

/**
 * A text that the upstream interprets freely: the fields it filters on are unknown, and it is open.
 */
interface FreeFilter {
  readonly code: 'free-filter';
  readonly coordinate: string;
  /** One of the guarded fields that it may filter on. */
  readonly mayMean: string;
}

export interface FoundWideWrite {
  readonly coordinate: string;
  readonly means: string;
  readonly rule: string;
  readonly file: string;
  readonly line: number;
}

export interface FoundDefault {
  readonly coordinate: string;
  readonly means: readonly string[];
  /** Set if the upstream applies it, whatever the schema says. */
  readonly byService: boolean;
}
