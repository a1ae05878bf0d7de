/**
 * Compares what upstreams are sent, their URLs, and what they are asked for: a changed URL receives
 * the gateway's requests and credentials. Certificates are not compared.
 */
import type { Config } from '../../config.ts';
import type { Offline } from '../load-offline.ts';
import { none, type SettingChanges } from './diff-setting.ts';

type Upstream = Config['upstreams'][number];

type Sourced = Pick<Offline, 'config' | 'graph'>;

/** A new upstream widens as another URL does: what an upstream of another name was asked may go there. */
export function compareUpstreams(changes: SettingChanges, old: Sourced, now: Sourced): void {
  const { config: was } = old;
  const { config: is } = now;
  for (const after of is.upstreams) {
    const before = upstreamIn(was, after.name);
    const setting = `upstreams.${after.name}`;
    if (before === undefined) changes.put({ setting, was: none, is: after.url }, true);
    else compareUpstream(changes, setting, before, after);
  }
  for (const { name, url } of was.upstreams) {
    if (upstreamIn(is, name)) continue;
    changes.put({ setting: `upstreams.${name}`, was: url, is: none }, false);
  }
  compareSources(changes, old, now);
  for (const [type, join] of Object.entries(is.joins)) {
    if (was.joins[type]) changes.value(`joins.${type}`, was.joins[type], join);
  }
  for (const [field, link] of Object.entries(is.links)) {
    if (was.links[field]) changes.value(`links.${field}`, was.links[field], link);
  }
}

const upstreamIn = ({ upstreams }: Config, wanted: string): Upstream | undefined =>
  upstreams.find(({ name }) => name === wanted);

function compareUpstream(
  changes: SettingChanges,
  setting: string,
  before: Upstream,
  after: Upstream,
): void {
  compareHeaders(changes, `${setting}.headers`, before, after);
  changes.names(`${setting}.forward`, before.forward, after.forward, 'added');
  changes.value(`${setting}.url`, before.url, after.url);
  changes.value(`${setting}.oauth.tokenUrl`, before.oauth?.tokenUrl, after.oauth?.tokenUrl);
  changes.opening(`${setting}.privateNetwork`, before.privateNetwork, after.privateNetwork);
}

/** Compares what answers a root field that stays; what a new upstream answers is said by its own line. */
function compareSources(changes: SettingChanges, old: Sourced, now: Sourced): void {
  const before = sourcesIn(old.graph);
  for (const [coordinate, { upstream, text }] of sourcesIn(now.graph)) {
    const had = before.get(coordinate);
    if (had === undefined || upstreamIn(old.config, upstream) === undefined) continue;
    changes.value(`source of ${coordinate}`, had.text, text);
  }
}

interface Source {
  readonly upstream: string;
  /** `people: GET /people`, or the name of a GraphQL upstream. */
  readonly text: string;
}

/** By root field. */
function sourcesIn({ subgraphs }: Sourced['graph']): ReadonlyMap<string, Source> {
  const sources = new Map<string, Source>();
  for (const [upstream, { schema, operations = [] }] of subgraphs) {
    for (const [type, root] of [
      ['Query', schema.getQueryType()],
      ['Mutation', schema.getMutationType()],
    ] as const) {
      for (const name of Object.keys(root?.getFields() ?? {})) {
        sources.set(`${type}.${name}`, { upstream, text: upstream });
      }
    }
    for (const [coordinate, { label }] of operations) {
      sources.set(coordinate, { upstream, text: `${upstream}: ${label}` });
    }
  }
  return sources;
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
