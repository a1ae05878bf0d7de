/** Formats the results of cases: a line per deviation, then the count. */
import { printable } from '../../files/printable.ts';
import type { ExplainedCoordinate } from '../explain/explain-coordinates.ts';
import { toAllNeeds, toMaskText, toRuleText } from '../explain/explain-text.ts';
import { isOpen } from './cases-expected.ts';
import type { CaseProblem } from './cases-judge.ts';
import type { CaseNote } from './cases-notes.ts';

export interface CaseResult {
  readonly name: string;
  readonly file: string;
  readonly line: number;
  readonly ok: boolean;
  readonly problems: readonly CaseProblem[];
  /** Present if something is suspicious. */
  readonly notes?: readonly CaseNote[];
  /** For a case of detections: the alerts in order. */
  readonly alerts?: { readonly expected: readonly string[]; readonly raised: readonly string[] };
}

export function toText(results: readonly CaseResult[]): string {
  const failed = results.filter(({ ok }) => !ok).length;
  const passed = results.length - failed;
  const count = `${passed} ${passed === 1 ? 'case' : 'cases'} passed, ${failed} failed`;
  const lines = results.flatMap((one) => [
    ...(one.notes ?? []).map((note) => toNote(one, note)),
    ...one.problems.map((problem) => toLine(one, problem)),
    ...(one.ok ? [] : toAlertLines(one)),
  ]);
  return `${[...lines, count].join('\n')}\n`;
}

const toNote = ({ file, name }: CaseResult, { line, column, message }: CaseNote): string =>
  printable(`${file}:${line}:${column}: ${name}: note: ${message}`);

function toAlertLines({ file, line, name, alerts }: CaseResult): string[] {
  if (alerts === undefined) return [];
  const [expected, raised] = [toList(alerts.expected), toList(alerts.raised)];
  return [printable(`${file}:${line}: ${name}: expected ${expected}, raised ${raised}`)];
}

/** Most names in one line. */
const listedMax = 20;

function toList(names: readonly string[]): string {
  if (names.length === 0) return 'nothing';
  const rest = names.length - listedMax;
  return `${names.slice(0, listedMax).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function toLine({ file, name }: CaseResult, problem: CaseProblem): string {
  const { line, column, coordinate, expected, leadsTo, unnamed } = problem;
  const found = problem.found + toMaskText({ ...problem, verdict: problem.found });
  const way = leadsTo === undefined ? '' : `, on the way to ${leadsTo}`;
  const silent = unnamed ? ', for it is not named' : '';
  const said = `expected ${expected}${way}${silent}, found ${found}`;
  return printable(`${file}:${line}:${column}: ${name}: ${coordinate}: ${said}${toWhy(problem)}`);
}

function toWhy({ refused, because, found, ...one }: CaseProblem): string {
  const own = { ...one, verdict: found };
  const whole = refused && `the operation is refused (${toReasonText(refused)})`;
  const above = because && `${because.coordinate} ${toState(because)}${toOwnWhy(because)}`;
  const parts = [whole, above].filter((part) => part !== undefined);
  if (parts.length === 0) return toOwnWhy(own);
  // Its own rule may permit it.
  const isOwn = own.rule !== undefined || own.missing !== undefined || own.verdict === 'hidden';
  return `: ${parts.join('; ')}${isOwn ? toOwnWhy(own, '; ') : ''}`;
}

const toState = ({ verdict }: ExplainedCoordinate): string =>
  verdict === 'depends' ? 'depends on objects' : 'is refused';

const toReasonText = ({ reason, detail }: NonNullable<CaseProblem['refused']>): string =>
  detail === '' ? reason : `${reason}: ${detail}`;

/** The coordinate's own rule and its missing permissions. */
function toOwnWhy({ verdict, rule, ...one }: ExplainedCoordinate, by = ': '): string {
  const needs = toAllNeeds(one);
  const parts = [
    ...(rule === undefined ? [] : [`by ${toRuleText(rule)}`]),
    ...(needs === '' ? [] : [`missing ${needs}`]),
  ];
  if (parts.length > 0) return `${by}${parts.join(', ')}`;
  return isOpen(verdict) ? '' : `${by}no rule allows it`;
}
