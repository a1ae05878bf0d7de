/**
 * What a webhook is told of an alert, before it has a form: no caller and no address unless asked for,
 * and texts that are not ours made harmless. A caller may choose the name they go by, where an issuer
 * lets them.
 */
import type { Alert } from '../../alert.ts';
import { clipped, printable } from '../../files/printable.ts';
import { toDurationText } from '../../time/duration.ts';

export type Included = readonly ('caller' | 'address')[];

const textMax = 200;

/** One short line of what can be seen. */
export const clip = (text: string): string => clipped(printable(text), textMax);

export interface AlertFacts {
  readonly caller: string | undefined;
  readonly client: string | undefined;
  readonly address: string | undefined;
}

/** Whom it is about, as far as it may be said. */
export const factsOf = ({ caller, client, address }: Alert, include: Included): AlertFacts => ({
  caller: include.includes('caller') && caller !== undefined ? clip(caller) : undefined,
  client: include.includes('caller') && client !== undefined ? clip(client) : undefined,
  address: include.includes('address') && address !== undefined ? clip(address) : undefined,
});

/** `20 requests in 5m of one address (limit 20)` without the names of anybody. */
export function toSummary({ title, count, counted, windowMs, per, threshold }: Alert): string {
  const who = per.length === 0 ? '' : ` of one ${per.join(' and ')}`;
  const what = `${count} ${counted} in ${toDurationText(windowMs)}${who}, ${threshold} raise an alert`;
  return `${clip(title)}: ${what}`;
}
