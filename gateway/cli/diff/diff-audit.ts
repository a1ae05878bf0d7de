/**
 * Compares whether, of which subjects and for how long accesses are recorded. The log's location
 * and keys are not compared.
 */
import type { Config } from '../../config.ts';
import { toDurationText } from '../../time/duration.ts';
import type { SettingChanges } from './diff-setting.ts';

type Audit = NonNullable<Config['audit']>;

/** Less recording counts as wider. */
export function compareAudit(changes: SettingChanges, { audit: was }: Config, is: Config): void {
  const wordOf = (audit: Audit | undefined) => (audit === undefined ? 'not kept' : 'kept');
  changes.word('audit', wordOf(was), wordOf(is.audit), ['kept', 'not kept']);
  if (was === undefined || is.audit === undefined) return;
  const { durability, retentionMs, subjects } = is.audit;
  changes.word('audit.durability', was.durability, durability, ['strict', 'batch']);
  changes.names('audit.subjects', toTexts(was.subjects), toTexts(subjects), 'removed');
  if (was.retentionMs === retentionMs) return;
  const texts = { was: toText(was.retentionMs), is: toText(retentionMs) };
  const isShorter = (retentionMs ?? Infinity) < (was.retentionMs ?? Infinity);
  changes.put({ setting: 'audit.retention', ...texts }, isShorter);
}

const toText = (ms: number | undefined): string =>
  ms === undefined ? 'forever' : toDurationText(ms);

const toTexts = (subjects: Audit['subjects']): readonly string[] =>
  Object.entries(subjects).map(([type, { of, id }]) => `${type} (${of} by ${id})`);
