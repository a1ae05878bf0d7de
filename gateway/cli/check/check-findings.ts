/** What `check` finds although everything loads. */
import type { BesidePin } from '../../authorize/beside-pins.ts';
import type { FilterMatch } from '../../authorize/policy.ts';
import type { Unclassified } from '../../authorize/unclassified.ts';
import type { WriteCoverage } from '../../authorize/write-coverage.ts';
import type { LoadedGraph } from '../../graph.ts';
import type { ExplainedPin } from '../explain/explain-text.ts';
import type { Idle } from './check-idle.ts';
import type { OtherIssuer } from './check-issuers.ts';
import type { FoundPattern } from './check-patterns.ts';
import type { FoundTrial } from './check-trials.ts';

/** As `--json` prints it. */
export interface Findings {
  readonly ok: true;
  readonly unlisted: readonly string[];
  /** Rules whose `allow` reaches nothing. */
  readonly dead: readonly { readonly rule: string; readonly file: string; readonly line: number }[];
  /** Names with a * where names are compared as they are. */
  readonly patterns: readonly FoundPattern[];
  /** Keys and lists of networks without effect. */
  readonly idle: readonly Idle[];
  /** Sound sensitive, and no rule puts them into a class. */
  readonly unclassified: readonly Unclassified[];
  readonly fallen: readonly string[];
  /** Hidden from callers who lack its grant, and what exists for them no more when all of it is. */
  readonly hidden: readonly string[];
  readonly fallenWithHidden: readonly string[];
  readonly report: LoadedGraph['report'];
  /** Filters on fields that have a class or are hidden from some, and whose grant they need. */
  readonly filters: readonly FoundFilter[];
  readonly warnings: readonly FreeFilter[];
  /** Inputs whose default chooses such a field: left out, they need its grant. */
  readonly defaults: readonly FoundDefault[];
  /** Arguments that are fixed from the token. */
  readonly pins: readonly ExplainedPin[];
  /** What is called like one of these, beside it, and is open. */
  readonly besidePins: readonly BesidePin[];
  /** Fields that conditions look at: fetched for them whoever asks. */
  readonly looked: readonly string[];
  /** What is read before writes, and what of them nothing is read by. */
  readonly writes: WriteCoverage;
  /** Rules on trial, and which of them end soon or have ended. */
  readonly trials: readonly FoundTrial[];
  /** Files that serving reads at start, and that are not here. */
  readonly absent: readonly string[];
  readonly otherIssuers: readonly OtherIssuer[];
  /** Cases beside the policies: read, and not run. */
  readonly cases: number;
}

export interface FoundFilter extends FilterMatch {
  /** The rule that names it, and decides in place of that grant. */
  readonly named?: { readonly rule: string; readonly file: string; readonly line: number };
}

/** A text that the upstream reads as it likes: what it filters on cannot be told, and it is open. */
interface FreeFilter {
  readonly code: 'free-filter';
  readonly coordinate: string;
  /** One of the guarded fields that it may filter on. */
  readonly mayMean: string;
}

export interface FoundDefault {
  readonly coordinate: string;
  readonly means: readonly string[];
  /** The service applies it, whatever the schema says. */
  readonly byService: boolean;
}
