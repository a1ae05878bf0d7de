/** Compares who is told of alerts: fewer alerts that arrive count as wider. */
import { severities } from '../../alert.ts';
import type { Config } from '../../config.ts';
import { none, type SettingChanges } from './diff-setting.ts';

/** Matches webhooks by name. Their URLs and secrets are not printed. */
export function compareAlerts(changes: SettingChanges, was: Config, is: Config): void {
  const [before, after] = [was, is].map(
    ({ alerts: { webhooks } }) => new Map(webhooks.map((one) => [one.name, one])),
  );
  for (const [name, had] of before ?? []) {
    const has = after?.get(name);
    const setting = `alerts.webhooks[${name}]`;
    if (has === undefined) {
      changes.put({ setting, was: had.format, is: none }, true);
      continue;
    }
    if (had.url !== has.url) {
      changes.put({ setting: `${setting}.url`, was: 'one URL', is: 'another' }, true);
    }
    changes.value(`${setting}.format`, had.format, has.format);
    // Another format brings its own, or needs none.
    if (had.format === has.format && had.secret !== has.secret) {
      changes.put({ setting: `${setting}.secret`, was: 'one secret', is: 'another' }, true);
    }
    changes.opening(`${setting}.privateNetwork`, had.privateNetwork, has.privateNetwork);
    changes.word(`${setting}.minSeverity`, had.minSeverity, has.minSeverity, severities);
    changes.names(`${setting}.include`, had.include, has.include, 'added');
  }
  for (const [name, has] of after ?? []) {
    if (before?.has(name)) continue;
    // It is told who they are about.
    const widens = has.include.length > 0;
    changes.put({ setting: `alerts.webhooks[${name}]`, was: none, is: has.format }, widens);
  }
}
