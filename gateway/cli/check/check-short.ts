/**
 * Shortens the findings of `check`: large documents yield thousands of findings of few kinds.
 * Omissions are counted, and `--json` has everything.
 */
import { printable } from '../../files/printable.ts';
import type { LoadedGraph } from '../../graph.ts';
import { type CheckWord, toCheckLine } from './check-line.ts';

/** Most lines per word, and most places named in one line. */
const linesMax = 50;
const namesMax = 3;

/** The first lines of one word, and the number of further ones. */
export function toLines(word: CheckWord, texts: readonly string[]): string[] {
  const lines = texts.slice(0, linesMax).map((text) => toCheckLine(word, text));
  const more = texts.length - lines.length;
  return more === 0 ? lines : [...lines, toCheckLine(word, `and ${more} more: --json has all`)];
}

/** Losses first, one line each; equal notes on many places are merged. */
export function toDocumentLines(report: LoadedGraph['report']): string[] {
  const lost = report.filter((one) => one.lost);
  const notes = Map.groupBy(
    report.filter((one) => !one.lost),
    ({ upstream, why }) => JSON.stringify([upstream, why]),
  );
  return toLines('openapi', [
    ...lost.map(({ upstream, operation, why }) =>
      printable(`${upstream}: ${operation}: ${why} (not in the graph)`),
    ),
    ...[...notes.values()].flatMap((same) => toNotes(same)),
  ]);
}

function toNotes(same: LoadedGraph['report']): string[] {
  const [first] = same;
  if (first === undefined) return [];
  const { upstream, why } = first;
  if (same.length <= namesMax) {
    return same.map(({ operation }) => printable(`${upstream}: ${operation}: ${why}`));
  }
  const named = same.slice(0, namesMax).map(({ operation }) => operation);
  return [printable(`${upstream}: ${named.join(', ')} and ${same.length - namesMax} more: ${why}`)];
}
