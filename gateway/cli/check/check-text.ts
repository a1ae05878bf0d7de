/** Formats the findings of `check`: each line begins with a word that scripts may search for. */
import type { OpenFilter } from '../../authorize/open-filters.ts';
import type { ParentsLookedAt } from '../../authorize/parents-looked-at.ts';
import type { WriteCoverage } from '../../authorize/write-coverage.ts';
import { toEndingText } from './check-certificates.ts';
import type { Findings, FoundFilter } from './check-findings.ts';
import { toIdleText } from './check-idle.ts';
import { toIssuerLine } from './check-issuers.ts';
import { toCheckLine } from './check-line.ts';
import { toListRateText } from './check-list-rates.ts';
import { toDeadMaskText } from './check-masks.ts';
import { toPatternText } from './check-patterns.ts';
import { toShadowLine } from './check-shadows.ts';
import { toDocumentLines, toLines } from './check-short.ts';

export function toCheckText(
  {
    unlisted,
    dead,
    deadMasks,
    patterns,
    idle,
    listRates,
    unclassified,
    fallen,
    hidden,
    fallenWithHidden,
    report,
    filters,
    warnings,
    openFilters,
    defaults,
    pins,
    besidePins,
    looked,
    parents,
    writes,
    wideWrites,
    keyQueries,
    absent,
    ending,
    otherIssuers,
    shadows,
  }: Findings,
  explain: (coordinate: string) => string,
): string {
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
    ...toLines('dead-mask', deadMasks.map(toDeadMaskText)),
    ...toLines('no-pattern', patterns.map(toPatternText)),
    ...toLines('no-effect', idle.map(toIdleText)),
    ...toLines('list-rate', listRates.map(toListRateText)),
    ...toLines(
      'unclassified',
      unclassified.map(
        ({ coordinate, resembles }) =>
          `${coordinate}: sounds like ${resembles}, and no rule gives it a class`,
      ),
    ),
    ...toLines('fallen', fallen.map(explain)),
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
    ...toLines('open-filter', openFilters.map(toOpenFilterText)),
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
      'beside-pin',
      besidePins.map(
        ({ coordinate, pinned }) =>
          `${coordinate}: callers may write it beside ${pinned}, and a service that reads both in one place may take it for the pinned one: pin it too, or close it`,
      ),
    ),
    ...toLines(
      'looked-at',
      looked.map((coordinate) => `${coordinate}: fetched for conditions, whoever asks`),
    ),
    ...toLines('parents', parents.map(toParentsText)),
    ...toWriteLines(writes),
    ...toLines(
      'wide-write',
      wideWrites.map(
        ({ coordinate, means, rule, file, line }) =>
          `${coordinate}: opened for writing by the * of ${rule} (${file}:${line}), and ${means} has a class: name what may be written`,
      ),
    ),
    ...toLines(
      'by-key',
      keyQueries.map(
        (coordinate) =>
          `${coordinate}: sounds like the key of an object that is not in the answer, so nothing that rules require of types is asked of it`,
      ),
    ),
    ...shadows.map(toShadowLine),
    ...otherIssuers.map(toIssuerLine),
    ...absent.map((file) =>
      toCheckLine('not-here', `${file}: not looked at; serve does not start without it`),
    ),
    ...toLines('certificate', ending.map(toEndingText)),
    [
      `ok: ${unlisted.length} unlisted`,
      `${dead.length} dead rules`,
      ...some(deadMasks, 'dead masks'),
      `${unclassified.length} unclassified`,
      `${fallen.length} fallen`,
      `${hidden.length} hidden from some`,
      `${report.length} from OpenAPI documents`,
      `${filters.length} filters on guarded fields`,
      `${warnings.length} free filters`,
      ...some(openFilters, 'open filters'),
      ...some(patterns, 'names with *'),
      ...some(idle, 'without effect'),
      ...some(listRates, 'rates by lists or objects'),
      ...some(fallenWithHidden, 'fall with what is hidden'),
      ...some(defaults, 'defaults that choose them'),
      ...some(pins, 'pinned'),
      ...some(besidePins, 'beside pins'),
      ...some(looked, 'looked at'),
      ...some(parents, 'by several parents'),
      ...some(writes.reads, 'read first'),
      ...some(writes.otherKeys, 'other keys of writes'),
      ...some(writes.unnamed, 'unread writes'),
      ...some(wideWrites, 'wide writes'),
      ...some(keyQueries, 'by keys'),
      ...some(shadows, 'in shadow mode'),
      ...some(otherIssuers, 'other issuers'),
      ...some(ending, 'certificates that end'),
      `${absent.length} files not here`,
    ].join(', '),
  ];
  return `${lines.join('\n')}\n`;
}

/** A count for the last line; nothing if there is none. */
const some = (found: readonly unknown[], what: string): string[] =>
  found.length === 0 ? [] : [`${found.length} ${what}`];

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

function toParentsText({ coordinate, reads, types, rule }: ParentsLookedAt): string {
  const said = reads.map((name) => `parent.${name}`).join(' and ');
  return `${coordinate}: ${said} in ${rule.name} (${rule.file}:${rule.line}) is of whatever stands above: ${types.join(' or ')}`;
}

const toOpenFilterText = ({ coordinate, means, by }: OpenFilter): string =>
  `${coordinate}: open, and filters on ${means.join(', ')} by its ${by}, which no rule grants: name this input in a rule (\`allow\` or \`forbid\`), or give what it means a class`;

function toFilterText({ coordinate, means, by, named }: FoundFilter): string {
  const meant = `filters on ${means.join(', ')} by its ${by}`;
  return named === undefined
    ? `${coordinate}: ${meant}, and needs that grant until a rule names it`
    : `${coordinate}: ${meant}; decided by ${named.rule} (${named.file}:${named.line})`;
}
