/**
 * Follows joins and links from the objects of an answer: the keys of one level go to each upstream
 * in one request (or one call each, if it takes one key at a time), and each upstream's rows are
 * followed further as soon as they arrive.
 */
import type { Source } from '../graph/graph-parts.ts';
import type { Running } from './ask.ts';
import { askRows, toAsks } from './ask-rows.ts';
import { type Fetched, type Give, KnownRow } from './known-rows.ts';
import { findLost } from './lost.ts';
import { type ByKey, type Join, type Link, partOf, type Selection } from './program.ts';

/** An object from which joins or links lead on. */
export interface JoinParent {
  readonly object: Record<string, unknown>;
  readonly selection: Selection;
}

/** An object that waits for the value of one link. */
interface LinkFrom {
  readonly link: Link;
  readonly object: Record<string, unknown>;
}

/** What one upstream's rows lead on to. */
interface Next {
  readonly found: readonly JoinParent[];
  readonly links: readonly LinkFrom[];
}

interface Growing extends Next {
  readonly found: JoinParent[];
  readonly links: LinkFrom[];
}

/** Follows joins and links within one request; never rejects because of an upstream. */
export class JoinFollower {
  readonly #running: Running;

  constructor(running: Running) {
    this.#running = running;
  }

  /** Collects the objects in a value from which joins or links lead on. */
  static collect(value: unknown, selection: Selection, into: JoinParent[]): void {
    if (typeof value !== 'object' || value === null || value instanceof Error) return;
    if (Array.isArray(value)) {
      for (const item of value) JoinFollower.collect(item, selection, into);
      return;
    }
    const object = value as Record<string, unknown>;
    const part = partOf(selection, object);
    if (part === undefined) return;
    if (part.joins.length > 0 || part.links.length > 0) into.push({ object, selection });
    for (const field of part.fields) {
      if (field.selection?.follows === true) {
        JoinFollower.collect(object[field.rawKey], field.selection, into);
      }
    }
  }

  /** Resolves when everything that joins and links bring is in its place. */
  async run(allFound: readonly JoinParent[], allLinks: readonly LinkFrom[]): Promise<void> {
    const { found, links } = this.#kept(allFound, allLinks);
    const at = new Round();
    const direct = found.flatMap(({ object, selection }) => {
      const part = partOf(selection, object);
      const now = part?.links.filter(({ after }) => after === undefined) ?? [];
      return now.map((link) => ({ link, object }));
    });
    for (const { object, selection } of found) {
      const part = partOf(selection, object);
      for (const join of part?.joins ?? []) {
        const after = part?.links.filter((link) => link.after === join) ?? [];
        this.#join(join, object, after, at);
      }
    }
    for (const one of [...direct, ...links]) this.#link(one, at);
    await Promise.all([...at.sources].map(([source, one]) => this.#askFor(source, one)));
  }

  async #askFor(source: Source, { asks, waits, next }: AtSource): Promise<void> {
    const list = [...asks].flatMap(([by, wanted]) => toAsks(by, wanted));
    // Keys that are already under way, or invalid, leave nothing to ask for.
    if (list.length > 0) {
      const asked = askRows(source, list, this.#running);
      for (const { wanted } of list) for (const row of wanted) row.asked = asked;
      waits.add(asked);
    }
    await Promise.all(waits);
    if (next.found.length + next.links.length > 0) await this.run(next.found, next.links);
  }

  /** Drops objects that a failure has already nulled: nothing below them can be delivered. */
  #kept(found: readonly JoinParent[], links: readonly LinkFrom[]): Next {
    const { failed, program, tree } = this.#running;
    if (!failed) return { found, links };
    const isLost = findLost(program.root.order, tree);
    return {
      found: found.filter(({ object }) => !isLost(object)),
      links: links.filter(({ object }) => !isLost(object)),
    };
  }

  #join(join: Join, object: Record<string, unknown>, after: readonly Link[], at: Round): void {
    const { next } = at.of(join.source);
    const give = (row: Fetched): void => {
      if (row instanceof Error) this.#running.failed = true;
      const isRow = row !== null && !(row instanceof Error);
      for (const { rawKey, selection, isKey } of join.part.fields) {
        // A missing row must not overwrite the key that the object already has.
        if (!isRow && isKey) continue;
        const value = isRow ? row[rawKey] : row;
        object[rawKey] = value;
        if (selection?.follows === true) JoinFollower.collect(value, selection, next.found);
      }
      for (const link of after) next.links.push({ link, object });
    };
    // The key is read under the upstream's own name; an object without it gets no row.
    this.#want(join, object[join.key], give, at);
  }

  #link({ link, object }: LinkFrom, at: Round): void {
    const { found } = at.of(link.source).next;
    const give = (row: Fetched): void => {
      if (row instanceof Error) this.#running.failed = true;
      object[link.rawKey] = row;
      if (link.selection.follows) JoinFollower.collect(row, link.selection, found);
    };
    this.#want(link, object[link.from], give, at);
  }

  /** Asks for a key once, however many places want it with the same selection. */
  #want(by: ByKey, value: unknown, give: Give, at: Round): void {
    const key = by.target.toKey(value);
    if (key === null || key instanceof Error) {
      give(key);
      return;
    }
    this.#running.known ??= new Map();
    const { known: all } = this.#running;
    const rows = all.get(by.loaderKey) ?? new Map();
    all.set(by.loaderKey, rows);
    const known = rows.get(key);
    if (known !== undefined) {
      known.want(give);
      if (!known.isThere && known.asked !== undefined) at.of(by.source).waits.add(known.asked);
      return;
    }
    const row = new KnownRow(key, by.selection);
    rows.set(key, row);
    row.want(give);
    at.ask(by, row);
  }
}

/** What one round asks of one upstream. */
interface AtSource {
  /** Rows not asked for yet, by the first join or link that wants them. */
  readonly asks: Map<ByKey, KnownRow[]>;
  /** Requests already under way for rows that are wanted here. */
  readonly waits: Set<Promise<void>>;
  readonly next: Growing;
}

class Round {
  readonly sources = new Map<Source, AtSource>();
  readonly #first = new Map<object, ByKey>();

  of(source: Source): AtSource {
    let one = this.sources.get(source);
    if (one === undefined) {
      one = { asks: new Map(), waits: new Set(), next: { found: [], links: [] } };
      this.sources.set(source, one);
    }
    return one;
  }

  ask(by: ByKey, row: KnownRow): void {
    const first = this.#first.get(by.loaderKey) ?? by;
    this.#first.set(by.loaderKey, first);
    const { asks } = this.of(by.source);
    const rows = asks.get(first);
    if (rows === undefined) asks.set(first, [row]);
    else rows.push(row);
  }
}
