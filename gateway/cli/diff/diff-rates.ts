/**
 * Compares rates: one that is loosened or removed permits more requests or covers fewer callers.
 */
import type { Condition } from '../../conditions/condition.ts';
import type { Identity } from '../../rates/rate.ts';
import type { WrittenRate } from '../../rates/rates-file.ts';
import { toDurationText } from '../../time/duration.ts';
import { toConditionText } from '../explain/explain-condition.ts';
import type { Offline } from '../load-offline.ts';
import { callersOf } from './diff-callers.ts';
import { none, type SettingChanges } from './diff-setting.ts';

type Rated = Pick<Offline, 'policies' | 'config'>;

/** Matches rates by name: a renamed one is another rate. Rates in shadow mode are ignored. */
export function compareRates(changes: SettingChanges, old: Rated, now: Rated): void {
  const strangers = [old, now].some(({ config }) => config.identity.anonymous === 'allow');
  const [before, after] = [old, now].map(
    ({ policies: { rates } }) =>
      new Map(rates.filter(({ shadow }) => !shadow).map((rate) => [rate.name, rate])),
  );
  for (const [name, was] of before ?? []) {
    const is = after?.get(name);
    if (is !== undefined) compareRate(changes, was, is, strangers);
    else changes.put({ setting: `rates.${name}`, was: toText(was), is: none }, true);
  }
  for (const [name, is] of after ?? []) {
    if (before?.has(name)) continue;
    changes.put({ setting: `rates.${name}`, was: none, is: toText(is) }, false);
  }
}

function compareRate(
  changes: SettingChanges,
  was: WrittenRate,
  is: WrittenRate,
  strangers: boolean,
): void {
  const setting = `rates.${is.name}`;
  changes.number(`${setting}.limit`, was.limit, is.limit);
  changes.duration(`${setting}.window`, was.windowMs, is.windowMs, 'less');
  changes.value(`${setting}.per`, perText(was.per), perText(is.per));
  changes.value(`${setting}.counts`, was.counts, is.counts);
  const [had, has] = [targetsOf(was), targetsOf(is)];
  const countsAll = [had, has].map(({ length }) => length === 0);
  if (countsAll[0] === countsAll[1]) changes.names(`${setting}.fields`, had, has, 'removed');
  else {
    const texts = { was: targetText(had), is: targetText(has) };
    changes.put({ setting: `${setting}.fields`, ...texts }, countsAll[0] === true);
  }
  compareFor(changes, `${setting}.for`, [was.appliesTo, is.appliesTo], strangers);
}

/** Compares the callers that the rate counts: losing some widens, gaining some narrows. */
function compareFor(
  changes: SettingChanges,
  setting: string,
  [was, is]: readonly [Condition | undefined, Condition | undefined],
  strangers: boolean,
): void {
  const texts = { setting, was: forText(was), is: forText(is) };
  if (texts.was === texts.is && JSON.stringify(was) === JSON.stringify(is)) return;
  const callers = callersOf([was ?? everyone, is ?? everyone], strangers);
  const answers = callers?.map((caller) => [
    caller.holds(was ?? everyone),
    caller.holds(is ?? everyone),
  ]);
  const isLost = answers === undefined || answers.some(([had, has]) => had && !has);
  const isWon = answers?.some(([had, has]) => has && !had) === true;
  if (isLost) changes.put(texts, true);
  if (isWon) changes.put(texts, false);
}

const everyone: Condition = { kind: 'everyone' };

const forText = (condition: Condition | undefined): string =>
  toConditionText(condition ?? everyone);

function targetsOf({ fields, classes }: WrittenRate): string[] {
  return [
    ...fields.map(({ type, name }) => `${type}.${name}`),
    ...classes.map((name) => `class ${name}`),
  ];
}

const targetText = (targets: readonly string[]): string =>
  targets.length === 0 ? 'every request' : targets.join(', ');

const perText = (per: readonly Identity[]): string =>
  per.map((one) => ('path' in one ? [one.kind, ...one.path].join('.') : one.kind)).join(', ');

const toText = ({ limit, counts, per, windowMs }: WrittenRate): string =>
  `${limit} ${counts} per ${perText(per)} in ${toDurationText(windowMs)}`;
