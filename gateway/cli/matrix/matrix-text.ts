/**
 * Formats a matrix for a terminal: callers as numbers with a legend above. Columns beyond the width
 * continue below, with the same rows.
 */
import { printable } from '../../files/printable.ts';
import type { Cell } from './matrix-cells.ts';
import {
  groupsOf,
  type Matrix,
  toLeftOutLines,
  toOnlyText,
  toWhy,
  toWord,
  words,
} from './matrix-said.ts';

const columnsMax = 100;

export function toText(matrix: Matrix): string {
  const notes = new Map<string, string>();
  const said = matrix.rows.map(({ cells }) => cells.map((cell) => toMark(cell, notes)));
  const lines = [
    ...(matrix.policyDigest === null ? [] : [`policies ${matrix.policyDigest}`]),
    'callers',
    ...matrix.callers.map(({ number, name }) => `${String(number).padStart(4)}  ${name}`),
    ...blocksOf(matrix, said).flatMap((block) => ['', ...block]),
    '',
    ...words.map(([word, means]) => `${word.padEnd(8)}${means}`),
    ...[...notes].map(([text, mark]) => `${`if ${mark}`.padEnd(8)}${text}`),
    ...toLeftOutLines(matrix),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

/** `if a` if place, time or objects decide, `~last4/a` if they give more; the note tells what. */
function toMark(cell: Cell, notes: Map<string, string>): string {
  const word = toWord(cell);
  const only = toOnlyText(cell);
  if (only === '' && cell.verdict !== 'depends') return word;
  const otherwise = cell.verdict === 'depends' ? toWhy(cell) : `otherwise ${word}`;
  const text = only === '' ? otherwise : `${only}; ${otherwise}`;
  const mark = notes.get(text) ?? toLetters(notes.size);
  notes.set(text, mark);
  return cell.verdict === 'mask' ? `${word}/${mark}` : `if ${mark}`;
}

/** a to z, then aa. */
const toLetters = (index: number): string =>
  `${index < 26 ? '' : toLetters(Math.floor(index / 26) - 1)}${String.fromCharCode(97 + (index % 26))}`;

function blocksOf(matrix: Matrix, said: readonly (readonly string[])[]): string[][] {
  if (matrix.rows.length === 0) return [];
  const nameWidth = Math.max(...matrix.rows.map(({ coordinate }) => coordinate.length)) + 2;
  const widths = matrix.callers.map(({ number }, column) =>
    Math.max(String(number).length, ...said.map((row) => row[column]?.length ?? 0)),
  );
  const blocks: number[][] = [[]];
  let width = nameWidth;
  for (const [column, own] of widths.entries()) {
    width += own + 2;
    if (width > columnsMax && (blocks.at(-1)?.length ?? 0) > 0) {
      blocks.push([]);
      width = nameWidth + own + 2;
    }
    blocks.at(-1)?.push(column);
  }
  const toLine = (name: string, block: readonly number[], cellOf: (column: number) => string) => {
    const cells = block.map((column) => cellOf(column).padEnd(widths[column] ?? 0));
    return `${name.padEnd(nameWidth)}  ${cells.join('  ')}`.trimEnd();
  };
  return blocks.map((block) => {
    let index = 0;
    return [
      toLine('', block, (column) => String(matrix.callers[column]?.number)),
      ...groupsOf(matrix).flatMap(({ title, rows }) => [
        title,
        ...rows.map(({ coordinate }) => {
          const row = said[index];
          index += 1;
          return toLine(`  ${coordinate}`, block, (column) => row?.[column] ?? '');
        }),
      ]),
    ];
  });
}
