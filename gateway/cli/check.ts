/**
 * `fieldgate check`: whether everything loads, and what an operator should know of it although it
 * does: coordinates that no rule covers, what fell with something hidden, what an OpenAPI document
 * has and the graph has not, and filters that may give a classified field away.
 */
import { findUnlisted } from '../authorize/coverage.ts';
import { type FilterWarning, findOpenFilters } from '../authorize/filter-warnings.ts';
import type { LoadedGraph } from '../graph.ts';
import type { CommandIo, CommandOptions } from './command.ts';
import { loadOffline } from './load-offline.ts';

interface Findings {
  readonly ok: true;
  readonly unlisted: readonly string[];
  readonly fallen: readonly string[];
  readonly report: LoadedGraph['report'];
  readonly warnings: readonly FilterWarning[];
}

/** 0 where everything loads, whatever is found; throws ConfigError or Error where it does not. */
export async function runCheck(options: CommandOptions, io: CommandIo): Promise<number> {
  const { graph, snapshot } = await loadOffline(options, io);
  const { executable, policy } = snapshot;
  const findings: Findings = {
    ok: true,
    unlisted: findUnlisted(executable, policy),
    fallen: snapshot.public.fallen,
    report: graph.report,
    warnings: findOpenFilters(executable, policy),
  };
  io.stdout.write(options.json ? `${JSON.stringify(findings, null, 2)}\n` : toText(findings));
  return 0;
}

function toText({ unlisted, fallen, report, warnings }: Findings): string {
  const lines = [
    ...unlisted.map((coordinate) => `unlisted     ${coordinate}: no rule covers it; nobody has it`),
    ...fallen.map((coordinate) => `fallen       ${coordinate}: hidden with what it needs`),
    ...report.map(
      ({ upstream, operation, why, lost }) =>
        `openapi      ${upstream}: ${operation}: ${why}${lost ? ' (not in the graph)' : ''}`,
    ),
    ...warnings.map(
      ({ coordinate, resembles }) =>
        `open-filter  ${coordinate} resembles ${resembles}: filters on classified fields are open until a rule names them; inference protection is not built yet`,
    ),
    [
      `ok: ${unlisted.length} unlisted`,
      `${fallen.length} fallen`,
      `${report.length} from OpenAPI documents`,
      `${warnings.length} open filters`,
    ].join(', '),
  ];
  return `${lines.join('\n')}\n`;
}
