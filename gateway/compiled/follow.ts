/**
 * Follows joins and links from the objects of an answer: the keys of one level go to each upstream
 * in one request, or in one call each where it takes one at a time, and what the rows lead to is
 * followed as soon as they are there.
 */
import { UpstreamFailure } from '../errors.ts';
import type { Source } from '../graph-parts.ts';
import { checkKey, copyRow, type Row, rekeyRows } from '../rekey-rows.ts';
import { askGraphql, askRest, noFit, pick, type Running } from './ask.ts';
import type { Fallen } from './fallen.ts';
import { type ByKey, type Join, type Link, partOf, type Selection } from './program.ts';
import type { AskedRoot } from './read-graphql.ts';

type Key = string | number;
type Fetched = Row | Error | null;

/** An object that joins or links lead on from. */
export interface Found {
  readonly object: Record<string, unknown>;
  readonly selection: Selection;
}

/** Objects that wait for one field of theirs. */
interface LinkFrom {
  readonly link: Link;
  readonly object: Record<string, unknown>;
}

/** Those who want the row of one key. */
interface Wanted {
  readonly key: Key;
  readonly give: ((row: Fetched) => void)[];
}

/** One root field: rows by key. */
interface Ask {
  readonly by: ByKey;
  readonly wanted: readonly Wanted[];
}

/** What came of one upstream's answer, to go on from. */
interface Next {
  readonly found: Found[];
  readonly links: LinkFrom[];
}

/** One round of joins and links within a request; rejects for nothing that an upstream does. */
export class Follow {
  readonly #running: Running;

  constructor(running: Running) {
    this.#running = running;
  }

  /** Objects in a value that lead on. */
  static collect(value: unknown, selection: Selection, into: Found[], fallen?: Fallen): void {
    if (typeof value !== 'object' || value === null || value instanceof Error) return;
    if (fallen?.has(value) === true) return;
    if (Array.isArray(value)) {
      for (const item of value) Follow.collect(item, selection, into, fallen);
      return;
    }
    const object = value as Record<string, unknown>;
    const part = partOf(selection, object);
    if (part === undefined) return;
    if (part.joins.length > 0 || part.links.length > 0) into.push({ object, selection });
    for (const field of part.fields) {
      if (field.selection?.follows === true) {
        Follow.collect(object[field.rawKey], field.selection, into, fallen);
      }
    }
  }

  /** Resolves when everything that hangs on the objects is in its place. */
  async run(found: readonly Found[], links: readonly LinkFrom[]): Promise<void> {
    const asks = new Map<ByKey, Map<Key, Wanted> | Wanted[]>();
    const nexts = new Map<Source, Next>();
    const nextOf = (source: Source): Next => {
      const next = nexts.get(source) ?? { found: [], links: [] };
      nexts.set(source, next);
      return next;
    };
    const direct = found.flatMap(({ object, selection }) => {
      const part = partOf(selection, object);
      const now = part?.links.filter(({ after }) => after === undefined) ?? [];
      return now.map((link) => ({ link, object }));
    });
    const at = { asks, nextOf };
    for (const { object, selection } of found) {
      const part = partOf(selection, object);
      for (const join of part?.joins ?? []) {
        const after = part?.links.filter((link) => link.after === join) ?? [];
        this.#join(join, object, after, at);
      }
    }
    for (const one of [...direct, ...links]) this.#link(one, at);
    const bySource = new Map<Source, Ask[]>();
    for (const [by, wanted] of asks) {
      const list = bySource.get(by.source) ?? [];
      list.push(...toAsks(by, [...wanted.values()]));
      bySource.set(by.source, list);
    }
    // Keys that lead nowhere leave links that wait for nothing.
    const waiting = [...nexts].filter(([source]) => !bySource.has(source));
    await Promise.all([
      ...[...bySource].map(async ([source, list]) => {
        await this.#ask(source, list);
        await this.#goOn(nexts.get(source));
      }),
      ...waiting.map(([, next]) => this.#goOn(next)),
    ]);
  }

  async #goOn(next: Next | undefined): Promise<void> {
    if (next === undefined || next.found.length + next.links.length === 0) return;
    await this.run(next.found, next.links);
  }

  #join(join: Join, object: Record<string, unknown>, after: readonly Link[], at: At): void {
    const next = at.nextOf(join.source);
    const give = (row: Fetched): void => {
      if (row instanceof Error) this.#running.failed = true;
      const isRow = row !== null && !(row instanceof Error);
      for (const { rawKey, selection, isKey } of join.part.fields) {
        // A row that is not there says nothing of the key that the object has.
        if (!isRow && isKey) continue;
        const value = isRow ? row[rawKey] : row;
        object[rawKey] = value;
        if (selection?.follows === true) Follow.collect(value, selection, next.found);
      }
      for (const link of after) next.links.push({ link, object });
    };
    // Without its key under the upstream's own name an object is nobody's.
    this.#want(join, object[join.key], give, at.asks, join.target.isBatch);
  }

  #link({ link, object }: LinkFrom, at: At): void {
    const { found } = at.nextOf(link.source);
    const give = (row: Fetched): void => {
      if (row instanceof Error) this.#running.failed = true;
      object[link.rawKey] = row;
      if (link.selection.follows) Follow.collect(row, link.selection, found);
    };
    this.#want(link, object[link.from], give, at.asks, true);
  }

  /** `isShared`: a key that several objects have is asked for once. */
  #want(
    by: ByKey,
    value: unknown,
    give: (row: Fetched) => void,
    asks: At['asks'],
    isShared: boolean,
  ): void {
    const key = by.target.toKey(value);
    if (key === null || key instanceof Error) {
      give(key);
      return;
    }
    const known = asks.get(by) ?? (isShared ? new Map<Key, Wanted>() : []);
    asks.set(by, known);
    if (Array.isArray(known)) {
      known.push({ key, give: [give] });
      return;
    }
    const wanted = known.get(key);
    if (wanted === undefined) known.set(key, { key, give: [give] });
    else wanted.give.push(give);
  }

  async #ask(source: Source, asks: readonly Ask[]): Promise<void> {
    if (source.kind === 'graphql') {
      await this.#askTogether(source, asks);
      return;
    }
    await Promise.all(
      asks.map(async (ask) => {
        const { by, wanted } = ask;
        if (by.call === undefined) {
          giveAll(ask, noFit(source.name, 'a request'));
          return;
        }
        const args = { [by.target.argument]: toArgument(by, wanted) };
        const asked = { ...by.call, args, take: by.take };
        const read = await askRest(source, asked, this.#running.context);
        this.#running.failed ||= read.failed;
        giveRows(ask, read.value);
      }),
    );
  }

  async #askTogether(
    source: Extract<Source, { kind: 'graphql' }>,
    asks: readonly Ask[],
  ): Promise<void> {
    const { program, context, variables: given } = this.#running;
    const names = [...new Set(asks.flatMap(({ by }) => by.selection.variables))];
    const variables = pick(given, names);
    const declarations = program.declarations.get(source);
    const declared = names.map((name) => declarations?.get(name) ?? '');
    const bodies: string[] = [];
    const roots = asks.map(({ by, wanted }, index): AskedRoot => {
      const name = `${program.keyPrefix}${index}`;
      const sent = `r${index}`;
      const { target, keyType, selection, take, required, lists } = by;
      declared.push(`$${name}:${keyType}`);
      variables[name] = toArgument(by, wanted);
      bodies.push(`${sent}:${target.field}(${target.argument}:$${name})${selection.text}`);
      return { sent, take, required, selection, lists };
    });
    const query = `query(${declared.join(' ')}){${bodies.join(' ')}}`;
    const body = JSON.stringify({ query, variables });
    const read = await askGraphql(source, roots, { body, label: 'query' }, context);
    this.#running.failed ||= read.failed;
    asks.forEach((ask, index) => {
      giveRows(ask, read.values[`r${index}`]);
    });
  }
}

interface At {
  readonly asks: Map<ByKey, Map<Key, Wanted> | Wanted[]>;
  readonly nextOf: (source: Source) => Next;
}

/** As many root fields as the keys need. */
function toAsks(by: ByKey, wanted: readonly Wanted[]): Ask[] {
  const size = by.target.isBatch ? by.source.keysMax : 1;
  const asks: Ask[] = [];
  for (let start = 0; start < wanted.length; start += size) {
    asks.push({ by, wanted: wanted.slice(start, start + size) });
  }
  return asks;
}

function toArgument({ target }: ByKey, wanted: readonly Wanted[]): unknown {
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
  const used = new Set<unknown>();
  const rows = by.target.isBatch
    ? rekeyRows(
        value,
        wanted.map(({ key }) => key),
        of,
      )
    : [(value ?? null) as Row | null];
  wanted.forEach(({ key, give }, index) => {
    const row = rows[index] ?? null;
    const mayState = by.isKeyed && !(row instanceof UpstreamFailure);
    const checked = mayState ? checkKey(row, key, of) : row;
    for (const one of give) one(ownCopy(checked, used));
  });
}

/** Readers write into the rows they get: a second one gets a copy. */
function ownCopy(row: Fetched, used: Set<unknown>): Fetched {
  if (row === null || row instanceof Error) return row;
  if (used.has(row)) return copyRow(row);
  used.add(row);
  return row;
}

function giveAll({ wanted }: Ask, failure: Error): void {
  for (const { give } of wanted) for (const one of give) one(failure);
}
