/**
 * Compares what upstreams are sent, and their URLs: a changed URL receives the gateway's requests
 * and credentials. Certificates are not compared.
 */
import type { Config } from '../../config.ts';
import { none, type SettingChanges } from './diff-setting.ts';

type Upstream = Config['upstreams'][number];

/** Compares only upstreams present in both; a new one shows in its coordinates. */
export function compareUpstreams(changes: SettingChanges, was: Config, is: Config): void {
  for (const after of is.upstreams) {
    const before = was.upstreams.find(({ name }) => name === after.name);
    if (before === undefined) continue;
    const setting = `upstreams.${after.name}`;
    compareHeaders(changes, `${setting}.headers`, before, after);
    changes.names(`${setting}.forward`, before.forward, after.forward, 'added');
    changes.value(`${setting}.url`, before.url, after.url);
    changes.value(`${setting}.oauth.tokenUrl`, before.oauth?.tokenUrl, after.oauth?.tokenUrl);
    const words = ['false', 'true'] as const;
    const wordOf = ({ privateNetwork }: Upstream) => words[Number(privateNetwork)] ?? 'true';
    changes.word(`${setting}.privateNetwork`, wordOf(before), wordOf(after), words);
  }
}

/**
 * A header may restrict an upstream to the caller's tenant. Values are not printed, because they
 * may be secrets.
 */
function compareHeaders(
  changes: SettingChanges,
  setting: string,
  { headers: before }: Upstream,
  { headers }: Upstream,
): void {
  const kept = Object.keys(before).filter((header) => header in headers);
  changes.names(setting, Object.keys(before), kept, 'removed');
  for (const [header, value] of Object.entries(headers)) {
    if (before[header] === value) continue;
    const [old, now] = before[header] === undefined ? [none, 'a value'] : ['one value', 'another'];
    changes.put({ setting: `${setting}.${header}`, was: old, is: now }, true);
  }
}
