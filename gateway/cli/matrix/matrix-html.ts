/**
 * A matrix as a self-contained page: no scripts, no external resources, and a
 * Content-Security-Policy that enforces it. Names come from schemas, policies and claims and are
 * escaped as text.
 */
import { createHash } from 'node:crypto';
import { printable } from '../../files/printable.ts';
import type { Cell } from './matrix-cells.ts';
import {
  groupsOf,
  type Matrix,
  type MatrixRow,
  toLeftOutLines,
  toOnlyText,
  toWhy,
  toWord,
  words,
} from './matrix-said.ts';
import { pageStyle } from './matrix-style.ts';

/** Identifies a page written by this command. */
export const pageStart = '<!doctype html>\n<html lang="en" data-fieldgate="matrix">\n';

/** Only this style may apply, whatever markup a name might inject. */
const contentPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(pageStyle).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

export function toPage(matrix: Matrix): string {
  return `${pageStart}<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${toSafe(contentPolicy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Who can see what</title>
<style>${pageStyle}</style>
</head>
<body>
<h1>Who can see what</h1>
${matrix.policyDigest === null ? '' : `<p>Policies <code>${toSafe(matrix.policyDigest)}</code></p>`}
${toLeftOutLines(matrix)
  .map((line) => `<p>${toSafe(line)}</p>\n`)
  .join('')}<h2>Callers</h2>
<ol>
${matrix.callers.map(({ name }) => `<li><code>${toSafe(name)}</code></li>`).join('\n')}
</ol>
<h2>Cells</h2>
<dl>
${words.map(([word, means]) => `<dt>${toSafe(word)}</dt><dd>${toSafe(means)}</dd>`).join('\n')}
</dl>
<div class="wide">
<table>
<thead>
<tr><td></td>${matrix.callers.map(toHead).join('')}</tr>
</thead>
${groupsOf(matrix)
  .map(({ title, rows }) => toGroup(title, rows, matrix.callers.length))
  .join('\n')}
</table>
</div>
</body>
</html>
`;
}

const toHead = ({ number, name }: Matrix['callers'][number]): string =>
  `<th scope="col"><b>${number}</b>${toSafe(name)}</th>`;

function toGroup(title: string, rows: readonly MatrixRow[], columns: number): string {
  const head = `<tr class="class"><th scope="rowgroup" colspan="${columns + 1}">${toSafe(title)}</th></tr>`;
  return `<tbody>\n${[head, ...rows.map(toRow)].join('\n')}\n</tbody>`;
}

const toRow = ({ coordinate, cells }: MatrixRow): string =>
  `<tr><th scope="row">${toSafe(coordinate)}</th>${cells.map(toCell).join('')}</tr>`;

function toCell(cell: Cell): string {
  const only = toOnlyText(cell);
  const kind = only === '' ? cell.verdict : 'there';
  const there = only === '' ? '' : `<small>${toSafe(only)}</small>`;
  return `<td class="${kind}" title="${toSafe(toWhy(cell))}">${toSafe(toWord(cell))}${there}</td>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text for content and quoted attributes; invisible characters become question marks. */
const toSafe = (text: string): string =>
  printable(text).replace(/[&<>"']/g, (sign) => entities[sign] ?? '');
