/** The tables, as text that reads the same in a terminal and in Markdown. */
import type { Missing } from './contender.ts';
import type { Entrant, Figures, Measurement } from './measure.ts';
import { cpuRatio, medianOf } from './statistics.ts';
import { judge } from './targets.ts';
import type { Workload } from './workload.ts';

export interface Run {
  readonly entrants: readonly Entrant[];
  readonly missing: readonly Missing[];
  readonly workloads: readonly Workload[];
  readonly measurement: Measurement;
  readonly figures: Figures;
  /** After all load, by contender. */
  readonly rssMb: ReadonlyMap<string, number>;
  readonly machine: readonly string[];
}

export function report(run: Run): string {
  const { rounds, loadMs, askers, warmUp } = run.measurement;
  return [
    '# Benchmark',
    'Written by `npm run bench`.',
    bullets(run.machine),
    `Medians of ${rounds} rounds, each ${loadMs} ms of closed-loop load over ${askers} keep-alive connections, contenders interleaved, variables varied, after ${warmUp.requestsMax} requests or ${warmUp.forMs} ms of warm-up for each contender and workload. The load generator and the upstream stand-ins run in processes of their own on the same machine, so requests/s and latencies are those of the whole machine; CPU is of the gateway's process alone (all threads), in seconds for 1,000 requests. Ratios are taken within a round. Before and after the load each contender's answers were compared with the expected ones in full, and each secured one refused a request without a token. On W5 this gateway with its rules masks ssn and dateOfBirth and refuses homePhone and homeCity, with one error for each; the others, and this gateway with everything off, answer all eight fields to everybody.`,
    '## Contenders',
    contenderTable(run),
    ...missingPart(run.missing),
    ...run.workloads.flatMap((workload) => [
      `## ${workload.name}: ${workload.title}`,
      workloadTable(run, workload),
    ]),
    ...failures(run),
    '## Targets',
    targetTable(run),
    '',
  ].join('\n\n');
}

function contenderTable({ entrants, rssMb }: Run): string {
  return table(
    ['contender', 'start-up to first answer, ms', 'RSS after load, MB', 'what it does'],
    entrants.map(({ contender, started }) => [
      contender.name,
      started.startUpMs.toFixed(0),
      (rssMb.get(contender.name) ?? Number.NaN).toFixed(0),
      contender.about,
    ]),
  );
}

function missingPart(missing: readonly Missing[]): string[] {
  if (missing.length === 0) return [];
  return [`Not measured:\n\n${bullets(missing.map(({ name, reason }) => `${name}: ${reason}`))}`];
}

function workloadTable({ entrants, figures }: Run, { name: workload }: Workload): string {
  const ratio = (one: string, other: string): string => {
    const value = cpuRatio(figures, workload, [one, other]);
    return Number.isNaN(value) ? '–' : value.toFixed(2);
  };
  const header = ['contender', 'requests/s', 'p50, ms', 'p99, ms', 'CPU s per 1,000'];
  return table(
    [...header, '× reverse proxy', 'Hive secured uses × it'],
    entrants.map(({ contender: { name } }) => {
      const rounds = figures.get(name)?.get(workload) ?? [];
      return [
        name,
        medianOf(rounds, 'perSecond').toFixed(0),
        medianOf(rounds, 'p50Ms').toFixed(2),
        medianOf(rounds, 'p99Ms').toFixed(2),
        medianOf(rounds, 'cpu').toFixed(3),
        ratio(name, 'reverse proxy'),
        ratio('Hive Gateway, secured', name),
      ];
    }),
  );
}

/** Requests that were not answered as they should be, under load. */
function failures({ figures }: Run): string[] {
  const lines = [...figures].flatMap(([name, byWorkload]) =>
    [...byWorkload].flatMap(([workload, rounds]) => {
      const failed = rounds.reduce((sum, figure) => sum + figure.failed, 0);
      const example = rounds.find((figure) => figure.failed > 0)?.example ?? '';
      return failed === 0 ? [] : [`${name}, ${workload}: ${failed}, such as \`${example}\``];
    }),
  );
  return lines.length === 0 ? [] : ['## Failed requests under load', bullets(lines)];
}

function targetTable({ figures }: Run): string {
  return table(
    ['workload', 'target, in CPU per request', 'measured', ''],
    judge(figures).map(({ workload, text, measured, isMet }) => [
      workload,
      text,
      measured.toFixed(2),
      isMet ? 'met' : 'missed',
    ]),
  );
}

const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((text, column) =>
    Math.max(3, text.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`;
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join(
    '\n',
  );
}
