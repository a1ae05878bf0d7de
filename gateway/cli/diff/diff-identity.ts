/**
 * Compares whose credentials are accepted and what they may grant. The content of key files is not
 * compared.
 */
import { dirname } from 'node:path';
import { isUrl } from '../../config/config-provider-url.ts';
import type { Config } from '../../config.ts';
import { none, type PlacedFile, type SettingChanges } from './diff-setting.ts';

type Issuer = Config['identity']['jwt' | 'introspection'][number];

export function compareIdentity(changes: SettingChanges, was: Config, is: Config): void {
  const { identity: before } = was;
  const { identity: after } = is;
  changes.word('identity.anonymous', before.anonymous, after.anonymous, ['refuse', 'allow']);
  for (const kind of ['jwt', 'introspection'] as const) compareIssuers(changes, kind, was, is);
  const headerOf = (one: { readonly header: string } | undefined) => (one ? [one.header] : []);
  const keys = 'identity.apiKeys';
  changes.names(keys, headerOf(before.apiKeys), headerOf(after.apiKeys), 'added');
  const namedIn = (one: unknown, name: string) => (one === undefined ? [] : [name]);
  const revoked = [before.revoked, after.revoked].map((one) => namedIn(one, 'revoked.file'));
  changes.names('identity.revoked', revoked[0], revoked[1], 'removed');
  for (const kind of ['apiKeys', 'revoked'] as const) {
    const [old, now] = [before[kind], after[kind]];
    if (old === undefined || now === undefined) continue;
    changes.file(`identity.${kind}.file`, inFolderOf(was, old.file), inFolderOf(is, now.file));
    changes.duration(`identity.${kind}.reload`, old.reloadMs, now.reloadMs, 'more');
  }
  // Without `dpop`, tokens that are bound to a key are refused.
  const proofsOf = ({ dpop }: Config['identity']) => namedIn(dpop, 'dpop.url');
  changes.names('identity.dpop', proofsOf(before), proofsOf(after), 'added');
  if (before.dpop === undefined || after.dpop === undefined) return;
  changes.value('identity.dpop.url', before.dpop.url, after.dpop.url);
  changes.duration('identity.dpop.maxAge', before.dpop.maxAgeMs, after.dpop.maxAgeMs, 'more');
}

const inFolderOf = ({ file: config }: Config, file: string): PlacedFile => ({
  file,
  folder: dirname(config),
});

function compareIssuers(
  changes: SettingChanges,
  kind: 'jwt' | 'introspection',
  was: Config,
  is: Config,
): void {
  const [old, now] = [was, is].map((one) => byIssuer(one.identity[kind]));
  for (const [issuer, after] of now ?? []) {
    const setting = `identity.${kind}[${issuer}]`;
    const before = old?.get(issuer);
    if (before !== undefined) {
      compareIssuer(changes, setting, {
        was: { issuer: before, config: was },
        is: { issuer: after, config: is },
      });
    } else changes.put({ setting, was: none, is: issuer }, true);
  }
  for (const issuer of old?.keys() ?? []) {
    if (now?.has(issuer)) continue;
    changes.put({ setting: `identity.${kind}[${issuer}]`, was: issuer, is: none }, false);
  }
}

/** Within one kind of token, an issuer has one entry. */
const byIssuer = (issuers: readonly Issuer[]): ReadonlyMap<string, Issuer> =>
  new Map(issuers.map((one) => [one.issuer, one]));

interface Placed {
  readonly issuer: Issuer;
  readonly config: Config;
}

function compareIssuer(
  changes: SettingChanges,
  setting: string,
  { was, is }: { readonly was: Placed; readonly is: Placed },
): void {
  const [before, after] = [was.issuer, is.issuer];
  changes.names(`${setting}.audience`, before.audience, after.audience, 'added');
  changes.names(`${setting}.may.scopes`, before.may?.scopes, after.may?.scopes, 'added');
  changes.names(`${setting}.may.roles`, before.may?.roles, after.may?.roles, 'added');
  changes.duration(`${setting}.leeway`, before.leewayMs, after.leewayMs, 'more');
  for (const claim of ['scopes', 'roles', 'client'] as const) {
    changes.value(`${setting}.${claim}`, before[claim], after[claim]);
  }
  if ('algorithms' in before && 'algorithms' in after) {
    changes.names(`${setting}.algorithms`, before.algorithms, after.algorithms, 'added');
  }
  if ('url' in before && 'url' in after) {
    changes.duration(`${setting}.cache`, before.cacheMs, after.cacheMs, 'more');
    changes.value(`${setting}.prefix`, before.prefix, after.prefix);
    changes.value(`${setting}.jwt`, before.jwt, after.jwt);
  }
  changes.opening(`${setting}.privateNetwork`, before.privateNetwork, after.privateNetwork);
  compareKeys(changes, `${setting}.keys`, { was, is });
}

function compareKeys(
  changes: SettingChanges,
  setting: string,
  { was, is }: { readonly was: Placed; readonly is: Placed },
): void {
  const [before, after] = [was, is].map(({ issuer }) =>
    'url' in issuer ? issuer.url : issuer.jwks,
  ) as [string, string];
  if (isUrl(before) || isUrl(after)) changes.value(setting, before, after);
  else changes.file(setting, inFolderOf(was.config, before), inFolderOf(is.config, after));
}
