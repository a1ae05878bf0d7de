/**
 * An alert as a message for Slack and receivers compatible with its incoming webhooks. Foreign
 * texts can neither mention anyone nor become a link: mark-up is escaped, parsing is turned off,
 * and for receivers that parse all the same, mentions and links are broken up.
 */
import type { Alert } from '../../alert.ts';
import { factsOf, type Included, toSummary } from './alert-text.ts';

export function toSlackBody(alert: Alert, include: Included): string {
  const { caller, client, address } = factsOf(alert, include);
  const lines = [
    `[${alert.severity}] ${escaped(toSummary(alert))}`,
    `detection ${alert.detection}, alert ${alert.id}`,
    ...(alert.key === '' ? [] : [`key ${alert.key}`]),
    ...(caller === undefined ? [] : [`caller ${defuse(caller)}`]),
    ...(client === undefined ? [] : [`client ${defuse(client)}`]),
    ...(address === undefined ? [] : [`address ${defuse(address)}`]),
    ...(alert.requests.length === 0 ? [] : [`requests ${alert.requests.map(defuse).join(', ')}`]),
    ...(alert.traceId === undefined ? [] : [`trace ${defuse(alert.traceId)}`]),
    ...(alert.crowded ? ['others may have been counted with this one'] : []),
    ...(alert.heldBack === 0 ? [] : [`${alert.heldBack} alerts were held back before it`]),
  ];
  return JSON.stringify({
    text: lines.join('\n'),
    mrkdwn: false,
    parse: 'none',
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
  });
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Removes what a receiver could take for a mention, a link or mark-up. */
const defuse = (text: string): string =>
  escaped(
    text
      .replace(/[@\uff20\ufe6b]/gu, '(at)')
      .replace(/[[\]`*~|\\#!]/gu, '?')
      .replace(/:\/\//gu, ': //')
      .replace(/\b(mailto|tel|javascript|data):/giu, '$1 :')
      .replace(/\bwww\./giu, 'www .'),
  );
