/** The URLs of a serving gateway, as printed at start. */

import { isUnspecified } from '../../addresses/ip-address.ts';
import { toLiteral } from '../../addresses/outbound-address.ts';
import type { Config } from '../../config.ts';
import { wantsConsole } from './serve-console.ts';

export function toUrl(listen: { host: string; tls: unknown }, port: number): string {
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  return `${listen.tls === undefined ? 'http' : 'https'}://${host}:${port}`;
}

export const toAdminUrl = ({ admin }: Pick<Config, 'admin'>, port: number): string =>
  toUrl({ host: admin.host, tls: undefined }, port);

/** Undefined if there is no console. */
export const toConsoleUrl = (config: Pick<Config, 'admin'>, port: number): string | undefined =>
  wantsConsole(config)
    ? `${toUrl({ host: localHost(config.admin.host), tls: undefined }, port)}/console/`
    : undefined;

/** The console answers loopback only, which an unspecified address includes. */
function localHost(host: string): string {
  const address = toLiteral(host);
  if (address === undefined || !isUnspecified(address)) return host;
  return address.version === 4 ? '127.0.0.1' : '::1';
}

/**
 * Formats `fieldgate: serving http://…/graphql, health on http://…, console on http://…/console/`.
 */
export function toServing(
  {
    url,
    adminUrl,
    consoleUrl,
  }: Readonly<Record<'url' | 'adminUrl', string>> & {
    readonly consoleUrl: string | undefined;
  },
  ...more: readonly string[]
): string {
  const console = consoleUrl === undefined ? [] : [`console on ${consoleUrl}`];
  const parts = [`serving ${url}`, `health on ${adminUrl}`, ...console, ...more];
  return `fieldgate: ${parts.join(', ')}\n`;
}
