/**
 * Formats the changes for people and scripts: first what widens, then what narrows, then the
 * counts.
 */
import { printable } from '../../files/printable.ts';
import { type RulePlace, toRulePlace } from '../explain/explain-coordinates.ts';
import { toRuleText } from '../explain/explain-text.ts';
import type { CoordinateChange } from './diff-coordinates.ts';
import type { SettingChange } from './diff-setting.ts';
import type { Shown } from './diff-side.ts';

export interface SaidShown {
  readonly verdict: Shown['verdict'];
  readonly mask?: string;
  /** A custom scalar's plain values, but no structured ones. */
  readonly plainAlone?: true;
  readonly rule?: RulePlace;
}

export interface SaidCoordinate {
  readonly coordinate: string;
  /** Absent if there are too many conditions to decide. */
  readonly was?: SaidShown;
  readonly is?: SaidShown;
  /** Everything that the example caller has. */
  readonly caller?: readonly string[];
  readonly path?: string;
}

/** At most 200 settings and 200 coordinates; `count` is the total. */
export interface SaidChanges {
  readonly count: number;
  readonly settings: readonly SettingChange[];
  readonly coordinates: readonly SaidCoordinate[];
}

const shownMax = 200;

export function toSaid(
  settings: readonly SettingChange[],
  coordinates: readonly CoordinateChange[],
  pathOf: (coordinate: string) => string | undefined,
): SaidChanges {
  return {
    count: settings.length + coordinates.length,
    settings: settings.slice(0, shownMax),
    coordinates: coordinates.slice(0, shownMax).map((one) => toSaidCoordinate(one, pathOf)),
  };
}

function toSaidCoordinate(
  { coordinate, seen }: CoordinateChange,
  pathOf: (coordinate: string) => string | undefined,
): SaidCoordinate {
  const path = pathOf(coordinate);
  return {
    coordinate,
    ...(seen && {
      was: toSaidShown(seen.was),
      is: toSaidShown(seen.is),
      caller: seen.caller.words,
    }),
    ...(path !== undefined && { path }),
  };
}

const toSaidShown = ({ rule, outside: _, ...shown }: Shown): SaidShown => ({
  ...shown,
  ...(rule && { rule: toRulePlace(rule) }),
});

export function toText(widens: SaidChanges, narrows: SaidChanges): string {
  const lines = [...toLines('widens', widens), ...toLines('narrows', narrows)];
  const count = `${widens.count} ${widens.count === 1 ? 'widens' : 'widen'}, ${narrows.count} ${narrows.count === 1 ? 'narrows' : 'narrow'}`;
  return `${[...lines.map(printable), count].join('\n')}\n`;
}

function toLines(what: 'widens' | 'narrows', { count, settings, coordinates }: SaidChanges) {
  const said = [...settings.map(toSettingText), ...coordinates.map(toCoordinateText)];
  const more = count - said.length;
  return [...said, ...(more > 0 ? [`and ${more} more`] : [])].map(
    (one) => `${what.padEnd(8)}${one}`,
  );
}

const toSettingText = ({ setting, was, is }: SettingChange): string =>
  `${setting}: ${was}, now ${is}`;

function toCoordinateText({ coordinate, was, is, caller, path }: SaidCoordinate): string {
  const way = path === undefined || path === coordinate ? '' : `: as ${path}`;
  if (was === undefined || is === undefined || caller === undefined) {
    return `${coordinate}: cannot tell, too many conditions${way}`;
  }
  const rule = is.rule ?? was.rule;
  const by = rule === undefined ? '' : `: ${is.rule ? 'by' : 'was by'} ${toRuleText(rule)}`;
  const who = caller.join(' and ');
  return `${coordinate}: ${toVerdict(was)}, now ${toVerdict(is)}: for ${who}${by}${way}`;
}

function toVerdict({ verdict, mask, plainAlone }: SaidShown): string {
  if (plainAlone) return `${verdict} of plain values`;
  return mask === undefined ? verdict : `${verdict} ${mask}`;
}
