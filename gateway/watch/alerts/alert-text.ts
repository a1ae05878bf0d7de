/**
 * What a webhook is told of an alert, whatever its format: no caller and no address unless
 * configured, and foreign texts made harmless, since some issuers let callers choose the name they
 * go by.
 */
import type { Alert } from '../../alert.ts';
import { clipped, printable } from '../../files/printable.ts';
import { toDurationText } from '../../time/duration.ts';

export type Included = readonly ('caller' | 'address')[];

const textMax = 200;

/** One short line of printable characters. */
export const clip = (text: string): string => clipped(printable(text), textMax);

export interface AlertFacts {
  readonly caller: string | undefined;
  readonly client: string | undefined;
  readonly address: string | undefined;
}

/** Whom the alert is about, as far as the webhook may be told. */
export const factsOf = ({ caller, client, address }: Alert, include: Included): AlertFacts => ({
  caller: include.includes('caller') && caller !== undefined ? clip(caller) : undefined,
  client: include.includes('caller') && client !== undefined ? clip(client) : undefined,
  address: include.includes('address') && address !== undefined ? clip(address) : undefined,
});

/** `Title: 20 requests in 5m of one address, 20 raise an alert`, without any caller's name. */
export function toSummary({ title, count, counted, windowMs, per, threshold }: Alert): string {
  const who = per.length === 0 ? '' : ` of one ${per.join(' and ')}`;
  const what = `${count} ${counted} in ${toDurationText(windowMs)}${who}, ${threshold} raise an alert`;
  return `${clip(title)}: ${what}`;
}
