/**
 * Asks upstreams for rows by key: all root fields for a GraphQL upstream share one document, a REST
 * upstream gets one call per root field. Fails closed: a row that does not state the key that was
 * asked for is treated as another object's row.
 */
import { UpstreamFailure } from '../errors.ts';
import type { Source } from '../graph/graph-parts.ts';
import { checkKey, type Row, rekeyRows } from '../graph/rekey-rows.ts';
import { askGraphql, askRest, noFit, pick, type Running } from './ask.ts';
import type { KnownRow } from './known-rows.ts';
import type { ByKey } from './program.ts';
import type { AskedRoot } from './read-graphql.ts';

/** One root field that asks for rows by key. */
export interface Ask {
  readonly by: ByKey;
  readonly wanted: readonly KnownRow[];
}

/** Splits the keys over as many root fields as their batch size requires. */
export function toAsks(by: ByKey, wanted: readonly KnownRow[]): Ask[] {
  const size = by.target.isBatch ? by.source.keysMax : 1;
  const asks: Ask[] = [];
  for (let start = 0; start < wanted.length; start += size) {
    asks.push({ by, wanted: wanted.slice(start, start + size) });
  }
  return asks;
}

/** Sends all asks to one upstream and answers each row; never rejects because of the upstream. */
export async function askRows(
  source: Source,
  asks: readonly Ask[],
  running: Running,
): Promise<void> {
  if (source.kind === 'graphql') {
    await askTogether(source, asks, running);
    return;
  }
  await Promise.all(
    asks.map((ask) => {
      const { by, wanted } = ask;
      if (by.call === undefined) return giveAll(ask, noFit(source.name, 'a request'));
      const args = { [by.target.argument]: toArgument(by, wanted) };
      const asked = { ...by.call, args, decode: by.decode };
      return askRest(source, asked, running.context, (value, failed) => {
        running.failed ||= failed;
        giveRows(ask, value);
      });
    }),
  );
}

async function askTogether(
  source: Extract<Source, { kind: 'graphql' }>,
  asks: readonly Ask[],
  running: Running,
): Promise<void> {
  const { program, context, variables: given } = running;
  const names = [...new Set(asks.flatMap(({ by }) => by.selection.variables))];
  const variables = pick(given, names);
  const declarations = program.declarations.get(source);
  const declared = names.map((name) => declarations?.get(name) ?? '');
  const bodies: string[] = [];
  const roots = asks.map(({ by, wanted }, index): AskedRoot => {
    const name = `${program.keyPrefix}${index}`;
    const sent = `r${index}`;
    const { target, keyType, selection, decode, required, listDepth } = by;
    declared.push(`$${name}:${keyType}`);
    variables[name] = toArgument(by, wanted);
    bodies.push(`${sent}:${target.field}(${target.argument}:$${name})${selection.text}`);
    return { sent, decode, required, selection, listDepth };
  });
  const query = `query(${declared.join(' ')}){${bodies.join(' ')}}`;
  const body = JSON.stringify({ query, variables });
  const read = await askGraphql(source, roots, { body, label: 'query' }, context);
  running.failed ||= read.failed;
  asks.forEach((ask, index) => {
    giveRows(ask, read.values[`r${index}`]);
  });
}

function toArgument({ target }: ByKey, wanted: readonly KnownRow[]): unknown {
  return target.isBatch ? wanted.map(({ key }) => key) : wanted[0]?.key;
}

function giveRows(ask: Ask, value: unknown): void {
  const { by, wanted } = ask;
  const { upstream, field } = by.target;
  const of = { upstream, keyField: by.source.keyed.get(field) };
  if (value instanceof Error) {
    giveAll(ask, value);
    return;
  }
  const rows = by.target.isBatch
    ? rekeyRows(
        value,
        wanted.map(({ key }) => key),
        of,
      )
    : [(value ?? null) as Row | null];
  wanted.forEach((known, index) => {
    const row = rows[index] ?? null;
    const mayState = by.isKeyed && !(row instanceof UpstreamFailure);
    // A batch target writes all its keys alike, so every key has a row of its own.
    known.answer(mayState ? checkKey(row, known.key, of) : row);
  });
}

function giveAll({ wanted }: Ask, failure: Error): void {
  for (const known of wanted) known.answer(failure);
}
