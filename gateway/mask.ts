/**
 * Masks: what is left of a value that a caller may only recognise. A mask shows at most half of
 * the value's characters, else it redacts, so that short values do not leak whole.
 */
import type { MaskName } from './plan.ts';

/** Fixed, so that it does not tell the length of what it stands for. */
const redacted = '•••••';

export function maskText(mask: MaskName, value: string): string {
  switch (mask) {
    case 'redact':
      return redacted;
    case 'last4':
      return showLast(value, 4);
  }
}

function showLast(value: string, shown: number): string {
  const characters = Array.from(value);
  if (shown * 2 > characters.length) return redacted;
  return '•'.repeat(characters.length - shown) + characters.slice(-shown).join('');
}
