/** Compares what a case expects with what its caller gets. */
import type { ExpectedVerdict, PolicyCase } from '../../files/cases-file.ts';
import { mayBeWhole } from '../explain/explain-text.ts';
import { completeExpected, type Expectation, isOpen } from './cases-expected.ts';
import type { CaseFindings, Found, WholeRefusal } from './cases-found.ts';
import type { Place } from './cases-places.ts';

export interface CaseProblem extends Omit<Found, 'verdict'> {
  readonly expected: ExpectedVerdict;
  readonly found: Found['verdict'];
  /** The expected coordinate on whose path it lies, if the case does not name it. */
  readonly leadsTo?: string;
  /** Set if a refusal is expected because the case does not name the coordinate. */
  readonly unnamed?: true;
  /** Why the whole operation is refused. */
  readonly refused?: WholeRefusal;
  readonly line: number;
  readonly column: number;
}

/** The deviations from the expectations; empty if the case passes. */
export function judge(
  one: PolicyCase,
  about: {
    readonly named: ReadonlyMap<string, Expectation>;
    readonly places: readonly Place[];
    readonly isRuled: (input: string) => boolean;
  },
  { refused, find }: CaseFindings,
): readonly CaseProblem[] {
  const problems: CaseProblem[] = [];
  for (const expectation of completeExpected(about.named, about.places, about.isRuled)) {
    const { coordinate, verdict: expected, leadsTo } = expectation;
    const whole = find(coordinate);
    if (isAsExpected(expected, whole)) continue;
    const { verdict: found, ...why } = whole;
    if (leadsTo !== undefined && isSaid(why, problems)) continue;
    problems.push({
      ...why,
      expected,
      found,
      ...(leadsTo !== undefined && { leadsTo }),
      ...(expected === 'deny' && expectation.written === undefined && { unnamed: true }),
      ...(refused && { refused }),
      ...placeOf(one, expectation),
    });
  }
  return problems;
}

/** `depends` is neither a refusal nor a sure allow. */
function isAsExpected(expected: ExpectedVerdict, found: Found): boolean {
  const { verdict, mask } = found;
  if (expected === 'deny') return !isOpen(verdict) && verdict !== 'depends';
  if (expected !== 'mask-or-deny') return expected === verdict;
  return verdict === 'depends' && mask !== undefined && !mayBeWhole(found);
}

/** Whether the coordinate it leads to failed for the same reason: one line is enough. */
function isSaid(
  { coordinate, because }: Omit<Found, 'verdict'>,
  problems: readonly CaseProblem[],
): boolean {
  const causes = [coordinate, because?.coordinate];
  return problems.some(
    (one) => one.refused !== undefined || (one.because && causes.includes(one.because.coordinate)),
  );
}

function placeOf({ source, path }: PolicyCase, { written }: Expectation) {
  return written === undefined
    ? source.at([...path, 'expect'], 'key')
    : source.at([...path, 'expect', written], 'key');
}
