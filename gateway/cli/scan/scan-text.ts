/** Formats the proposals of `scan` for a terminal: by type, in columns, then the policy file. */
import { clipped, printable } from '../../files/printable.ts';
import { toColumns } from '../columns.ts';
import type { Proposal } from './scan-rules.ts';

export interface Scanned {
  readonly proposals: readonly Proposal[];
  readonly yaml: string;
  readonly locks: readonly string[];
  /** Number of proposals below the confidence level. */
  readonly guesses: number;
  /** Number of coordinates examined. */
  readonly looked: number;
}

const evidenceMax = 160;

export function toText({ proposals, yaml, locks, guesses, looked }: Scanned): string {
  const more = guesses === 0 ? '' : `; guesses that are not shown (--confidence low): ${guesses}`;
  if (proposals.length === 0) return `nothing to propose, of ${looked} coordinates${more}\n`;
  const rows = proposals.map((one) => [
    `  ${one.name}`,
    one.class,
    one.confidence,
    one.closes ? 'listed, closes' : one.access,
    clipped(
      one.evidence.map(({ by, text }) => `${by} "${printable(text)}"`).join(', '),
      evidenceMax,
    ),
  ]);
  const lines = toColumns(rows);
  const byType = proposals.flatMap(({ type }, index) => [
    ...(type === proposals[index - 1]?.type ? [] : [type]),
    lines[index] ?? '',
  ]);
  const locked = locks.length === 0 ? '' : `, with which ${locks.length} filters need a grant`;
  return [
    ...byType.map(printable),
    '',
    ...(proposals.every(({ access }) => access === 'filter')
      ? ['Filters alone: write rules that say who may use them. There is nothing to paste.', '']
      : ['To be read, and put into a file in access/ of the policies:', '', yaml]),
    `${proposals.length} proposed${locked}, of ${looked} coordinates${more}\n`,
  ].join('\n');
}
