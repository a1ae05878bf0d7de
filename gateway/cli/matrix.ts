/**
 * `fieldgate matrix`: who can see what, as a table of callers and classified coordinates. Every
 * cell is decided by the policy, view and paths of a served request; nothing is sent.
 */
import type { CommandIo, CommandOptions } from './command.ts';
import { loadOffline, type Offline } from './load-offline.ts';
import { findCallers, type MatrixCallers, readCallers } from './matrix/matrix-callers.ts';
import { type Cell, createLooker } from './matrix/matrix-cells.ts';
import { writePage } from './matrix/matrix-file.ts';
import { toPage } from './matrix/matrix-html.ts';
import { findRows } from './matrix/matrix-rows.ts';
import type { Matrix, MatrixRow } from './matrix/matrix-said.ts';
import { toText } from './matrix/matrix-text.ts';

/** Returns 0 if the matrix was printed or written; throws ConfigError or Error. */
export async function runMatrix(options: CommandOptions, io: CommandIo): Promise<number> {
  const { as, all, html } = options.values;
  const offline = await loadOffline(options, io);
  const named = typeof as === 'string' ? await readCallers(as, offline.config.identity) : undefined;
  const matrix = await decideMatrix(offline, { callers: named, all: all === true });
  if (typeof html === 'string') await writePage(html, toPage(matrix));
  if (options.json) io.stdout.write(`${JSON.stringify(matrix, null, 2)}\n`);
  else if (typeof html === 'string') io.stdout.write(toWritten(html, matrix));
  else io.stdout.write(toText(matrix));
  return 0;
}

const toWritten = (file: string, { callers, rows }: Matrix): string =>
  `wrote ${file}: ${callers.length} callers, ${rows.length} coordinates\n`;

/** `callers` replaces the callers found in the policies. */
async function decideMatrix(
  { config, snapshot }: Pick<Offline, 'config' | 'snapshot'>,
  { callers: given, all }: { callers?: MatrixCallers | undefined; all: boolean },
): Promise<Matrix> {
  const groups = findRows(snapshot.executable, snapshot.policy, all ? 'all' : 'classified');
  const coordinates = groups.flatMap((group) => group.coordinates);
  const looker = createLooker(snapshot, { anyClaims: given === undefined });
  const about = { identity: config.identity, looker };
  const { callers, leftOut, more } = given ?? (await findCallers(snapshot, coordinates, about));
  const columns: (readonly Cell[])[] = [];
  for (const { caller } of callers) columns.push(await looker.cells(caller, coordinates));
  const classes = groups.flatMap((group) => group.coordinates.map(() => group.classes));
  return {
    policyDigest: snapshot.policyDigest ?? null,
    callers: callers.map(({ name, as }, index) => ({ number: index + 1, name, as })),
    rows: coordinates.map((coordinate, index): MatrixRow => {
      const cells = columns.flatMap((column) => column[index] ?? []);
      return { coordinate, classes: classes[index] ?? [], cells };
    }),
    leftOut: { callers: leftOut, more, situations: looker.situationsLeftOut },
  };
}
