/** Compares detections: one that is loosened or removed raises alerts later or not at all. */
import { severities } from '../../alert.ts';
import type { WrittenDetection } from '../../detect/detect-file.ts';
import { parseDuration } from '../../time/duration.ts';
import { none, type SettingChanges } from './diff-setting.ts';

type Written = WrittenDetection['written'];

/** Matches detections by name: a renamed one is another detection. */
export function compareDetections(
  changes: SettingChanges,
  was: readonly WrittenDetection[],
  is: readonly WrittenDetection[],
): void {
  const [before, after] = [was, is].map(
    (all) => new Map(all.map(({ written }) => [written.name, written])),
  );
  for (const [name, had] of before ?? []) {
    const has = after?.get(name);
    if (has !== undefined) compareOne(changes, had, has);
    else changes.put({ setting: `detections.${name}`, was: toText(had), is: none }, true);
  }
  for (const [name, has] of after ?? []) {
    if (before?.has(name)) continue;
    changes.put({ setting: `detections.${name}`, was: none, is: toText(has) }, false);
  }
}

function compareOne(changes: SettingChanges, was: Written, is: Written): void {
  const setting = `detections.${is.name}`;
  changes.number(`${setting}.count`, was.count, is.count);
  changes.duration(`${setting}.window`, toMs(was.window), toMs(is.window), 'less');
  changes.duration(`${setting}.quiet`, toMs(was.quiet), toMs(is.quiet), 'more');
  changes.word(`${setting}.severity`, was.severity, is.severity, severities.toReversed());
  changes.value(`${setting}.match`, was.match, is.match);
  changes.value(`${setting}.per`, was.per, is.per);
  changes.value(`${setting}.counts`, countsOf(was), countsOf(is));
}

const toMs = (text: string): number => parseDuration(text) ?? 0;

const countsOf = ({ counts, distinct }: Written): string =>
  distinct === undefined ? (counts ?? 'requests') : `distinct ${distinct}`;

const toText = (one: Written): string => `${one.count} ${countsOf(one)} in ${one.window}`;
