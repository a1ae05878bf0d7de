/** Reports rules in shadow mode: until when, which end soon, and which have ended. */
import { isOver } from '../../shadow.ts';
import type { WrittenShadow } from '../../snapshot/shadows.ts';
import type { Offline } from '../load-offline.ts';
import { toCheckLine } from './check-line.ts';

export interface FoundShadow {
  readonly kind: WrittenShadow['kind'];
  readonly rule: string;
  readonly file: string;
  readonly line: number;
  readonly until: string;
  /** `over`: in force since; a rule that grants still grants nothing. */
  readonly state: 'running' | 'ends-soon' | 'over';
  /** It would grant, and does so only once `shadow` is removed. */
  readonly grants: boolean;
  readonly daysLeft: number;
}

const dayMs = 86_400_000;
/** Days before the end of shadow mode that count as soon. */
const soonDays = 14;

export function explainShadows({
  shadows,
  nowMs,
}: Pick<Offline, 'shadows' | 'nowMs'>): readonly FoundShadow[] {
  return shadows.map(({ kind, name, grants, source: { file, line }, shadow }) => {
    const daysLeft = Math.max(0, Math.ceil((shadow.endsAtMs - nowMs) / dayMs));
    const state = isOver(shadow, nowMs) ? 'over' : daysLeft <= soonDays ? 'ends-soon' : 'running';
    return { kind, rule: name, file, line, until: shadow.until, state, grants, daysLeft };
  });
}

export function toShadowLine({ kind, rule, file, line, until, ...one }: FoundShadow): string {
  const place = `${kind} ${rule} (${file}:${line})`;
  if (one.state === 'over') {
    const what = one.grants
      ? 'it grants nothing until "shadow" is taken out'
      : 'it is in force: take "shadow" out';
    return toCheckLine('shadow-over', `${place}: its shadow mode ended ${until}; ${what}`);
  }
  const then = one.grants ? 'grants nothing then either' : 'is in force after it';
  const left = one.daysLeft === 1 ? 'the last day' : `${one.daysLeft} days left`;
  return one.state === 'ends-soon'
    ? toCheckLine('shadow-ends', `${place}: in shadow mode until ${until}, ${left}; ${then}`)
    : toCheckLine('shadow', `${place}: in shadow mode until ${until}; ${then}`);
}
