/**
 * `fieldgate check`: whether everything loads, and what an operator should know of it although it
 * does: coordinates that no rule covers, rules that allow nothing, what fell with something hidden,
 * fields that sound sensitive and have no class, what an OpenAPI document has and the graph has not,
 * filters on fields that have a class or are hidden and defaults that choose them, and files of keys
 * that are not here.
 */
import type { AccessRule } from '../authorize/access/access-file.ts';
import { findDeadRules } from '../authorize/access/dead-rules.ts';
import { findUnlisted } from '../authorize/coverage.ts';
import type { FilterMatch, Policy } from '../authorize/policy.ts';
import { coordinatesIn } from '../authorize/schema-coordinates.ts';
import { findUnclassified, type Unclassified } from '../authorize/unclassified.ts';
import { hiddenFromSome } from '../authorize/view/hidden.ts';
import { findWriteCoverage, type WriteCoverage } from '../authorize/write-coverage.ts';
import type { LoadedGraph } from '../graph.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { readAllCases } from './cases/cases-load.ts';
import { checkFiles } from './check-files.ts';
import { findOtherIssuers, type OtherIssuer, toIssuerLine } from './check-issuers.ts';
import { toCheckLine } from './check-line.ts';
import { toDocumentLines, toLines } from './check-short.ts';
import { explainTrials, type FoundTrial, toTrialLine } from './check-trials.ts';
import type { CommandIo, CommandOptions } from './command.ts';
import { explainPins } from './explain/explain-pins.ts';
import type { ExplainedPin } from './explain/explain-text.ts';
import { loadOffline } from './load-offline.ts';

interface Findings {
  readonly ok: true;
  readonly unlisted: readonly string[];
  /** Rules whose `allow` reaches nothing. */
  readonly dead: readonly { readonly rule: string; readonly file: string; readonly line: number }[];
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

interface FoundFilter extends FilterMatch {
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

interface FoundDefault {
  readonly coordinate: string;
  readonly means: readonly string[];
  /** The service applies it, whatever the schema says. */
  readonly byService: boolean;
}

/** 0 where everything loads, whatever is found; throws ConfigError or Error where it does not. */
export async function runCheck(options: CommandOptions, io: CommandIo): Promise<number> {
  const offline = await loadOffline(options, io);
  const { graph, snapshot } = offline;
  const { executable, policy } = snapshot;
  const { cases, detectCases } = await readAllCases(offline);
  const absent = await checkFiles(offline, io.env);
  const findings: Findings = {
    ok: true,
    unlisted: findUnlisted(executable, policy),
    dead: findDeadRules(inForce(offline.policies.rules), policy).map(toPlace),
    unclassified: findUnclassified(executable, policy),
    fallen: snapshot.public.fallen,
    ...findHidden(snapshot),
    report: graph.report,
    filters: [...policy.filters.values()].map(({ named, ...match }) => ({
      ...match,
      ...(named && { named: toPlace(named) }),
    })),
    warnings: [...policy.freeFilters].map(([coordinate, mayMean]) => ({
      code: 'free-filter',
      coordinate,
      mayMean,
    })),
    defaults: findDefaults(policy),
    pins: explainPins(policy),
    looked: [...policy.looked],
    writes: findWriteCoverage(executable, policy),
    absent,
    otherIssuers: await findOtherIssuers(offline.config.identity, absent),
    trials: explainTrials(offline),
    cases: cases.length + detectCases.length,
  };
  io.stdout.write(options.json ? `${JSON.stringify(findings, null, 2)}\n` : toText(findings));
  return 0;
}

const inForce = (rules: readonly AccessRule[]) => rules.filter(({ shadow }) => !shadow);

const findDefaults = ({ defaults }: Policy): FoundDefault[] =>
  [...defaults.values()]
    .flat()
    .map(({ means, policy: { coordinate }, isOfService: byService }) => ({
      coordinate,
      means,
      byService,
    }));

const toPlace = ({ name, source: { file, line } }: AccessRule) => ({ rule: name, file, line });

function findHidden({ policy, public: whole, viewWithout }: Snapshot) {
  const hidden = hiddenFromSome(policy);
  if (hidden.size === 0) return { hidden: [], fallenWithHidden: [] };
  const left = new Set(coordinatesIn(viewWithout(hidden)?.schema));
  const gone = coordinatesIn(whole.schema).filter((one) => !left.has(one) && !hidden.has(one));
  return { hidden: [...hidden], fallenWithHidden: gone };
}

function toText({
  unlisted,
  dead,
  unclassified,
  fallen,
  hidden,
  fallenWithHidden,
  report,
  filters,
  warnings,
  defaults,
  pins,
  looked,
  writes,
  absent,
  otherIssuers,
  trials,
}: Findings): string {
  const lines = [
    ...toLines(
      'unlisted',
      unlisted.map((coordinate) => `${coordinate}: no rule covers it; nobody has it`),
    ),
    ...toLines(
      'dead-rule',
      dead.map(
        ({ rule, file, line }) =>
          `${rule} (${file}:${line}): allows nothing: what it names is forbidden, or named more closely or classified elsewhere`,
      ),
    ),
    ...toLines(
      'unclassified',
      unclassified.map(
        ({ coordinate, resembles }) =>
          `${coordinate}: sounds like ${resembles}, and no rule gives it a class`,
      ),
    ),
    ...toLines(
      'fallen',
      fallen.map((coordinate) => `${coordinate}: hidden with what it needs`),
    ),
    ...toLines(
      'hidden',
      hidden.map((coordinate) => `${coordinate}: from callers without its grant`),
    ),
    ...toLines(
      'falls',
      fallenWithHidden.map(
        (coordinate) => `${coordinate}: does not exist where everything above is hidden`,
      ),
    ),
    ...toDocumentLines(report),
    ...toLines('filter', filters.map(toFilterText)),
    ...toLines(
      'free-filter',
      warnings.map(
        ({ coordinate, mayMean }) =>
          `${coordinate}: read as the service likes, and may filter on ${mayMean} and the like: open with its field until a rule names it`,
      ),
    ),
    ...toLines(
      'default',
      defaults.map(
        ({ coordinate, means, byService }) =>
          `${coordinate}: ${byService ? 'the service' : 'its default'} chooses ${means.join(', ')} where it is left out, and that needs its grant`,
      ),
    ),
    ...toLines(
      'pinned',
      pins.map(
        ({ coordinate, claim, rule: { name, file, line } }) =>
          `${coordinate}: ${claim}, by ${name} (${file}:${line})`,
      ),
    ),
    ...toLines(
      'looked-at',
      looked.map((coordinate) => `${coordinate}: fetched for conditions, whoever asks`),
    ),
    ...toWriteLines(writes),
    ...trials.map(toTrialLine),
    ...otherIssuers.map(toIssuerLine),
    ...absent.map((file) =>
      toCheckLine('not-here', `${file}: not looked at; serve does not start without it`),
    ),
    [
      `ok: ${unlisted.length} unlisted`,
      `${dead.length} dead rules`,
      `${unclassified.length} unclassified`,
      `${fallen.length} fallen`,
      `${hidden.length} hidden from some`,
      `${report.length} from OpenAPI documents`,
      `${filters.length} filters on guarded fields`,
      `${warnings.length} free filters`,
      ...(defaults.length > 0 ? [`${defaults.length} defaults that choose them`] : []),
      ...(looked.length > 0 ? [`${looked.length} looked at`] : []),
      ...(trials.length > 0 ? [`${trials.length} on trial`] : []),
      ...(otherIssuers.length > 0 ? [`${otherIssuers.length} other issuers`] : []),
      `${absent.length} files not here`,
    ].join(', '),
  ];
  return `${lines.join('\n')}\n`;
}

function toWriteLines({ reads, otherKeys, unnamed }: WriteCoverage): string[] {
  return [
    ...toLines(
      'read-first',
      reads.map(({ coordinate, read }) => `${coordinate}: ${read}`),
    ),
    ...toLines(
      'other-key',
      otherKeys.map(
        (coordinate) =>
          `${coordinate}: sounds like the key of an object, and nothing is read by it before the write`,
      ),
    ),
    ...toLines(
      'unread-write',
      unnamed.map(
        (coordinate) =>
          `${coordinate}: what rules require of types is not asked before it until a rule names its \`object\``,
      ),
    ),
  ];
}

function toFilterText({ coordinate, means, by, named }: FoundFilter): string {
  const meant = `filters on ${means.join(', ')} by its ${by}`;
  return named === undefined
    ? `${coordinate}: ${meant}, and needs that grant until a rule names it`
    : `${coordinate}: ${meant}; decided by ${named.rule} (${named.file}:${named.line})`;
}
