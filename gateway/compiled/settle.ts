/**
 * Settles the failures of a tree by the graph's schema: an Error becomes null in its place, or in
 * the nearest nullable parent, and is reported with the caller's path (GraphQL specification,
 * 6.4.4). If several failures null the same place, the one nearest to it is reported.
 *
 * Runs only on trees that hold a failure.
 */
import { type GraphQLOutputType, isListType, isNonNullType } from 'graphql';
import type { EngineError } from '../engine.ts';
import { describeFault, UpstreamFailure } from '../errors.ts';
import { innerStepOf, toCallerKey } from '../plan/plan.ts';
import { type Ordered, partOf, type Selection } from './program.ts';

type Path = readonly (string | number)[];

/** A failure on its way up to a nullable place. */
class Bubble {
  readonly failure: Error;
  readonly path: Path;

  constructor(failure: Error, path: Path) {
    this.failure = failure;
    this.path = path;
  }
}

export class Settler {
  readonly errors: EngineError[] = [];

  /** Settles the root fields in place; null if a failure reaches the root. */
  roots(order: readonly Ordered[], tree: Record<string, unknown>): Record<string, unknown> | null {
    const bubble = this.#fields(order, tree, []);
    if (bubble === undefined) return tree;
    this.errors.length = 0;
    this.#note(bubble, []);
    return null;
  }

  #fields(
    order: readonly Ordered[],
    object: Record<string, unknown>,
    path: Path,
  ): Bubble | undefined {
    let first: Bubble | undefined;
    for (const { rawKey, type, selection } of order) {
      const value = this.#place(object[rawKey], type, selection, [...path, rawKey]);
      if (value instanceof Bubble) first = nearer(first, value);
      else object[rawKey] = value;
    }
    return first;
  }

  #place(
    value: unknown,
    type: GraphQLOutputType,
    selection: Selection | undefined,
    path: Path,
  ): unknown {
    if (isNonNullType(type)) {
      const completed = this.#complete(value, type.ofType, selection, path);
      return completed ?? new Bubble(new Error('a null in a non-null place'), path);
    }
    const before = this.errors.length;
    const completed = this.#complete(value, type, selection, path);
    if (!(completed instanceof Bubble)) return completed;
    this.errors.length = before;
    this.#note(completed, path);
    return null;
  }

  #complete(
    value: unknown,
    type: GraphQLOutputType,
    selection: Selection | undefined,
    path: Path,
  ): unknown {
    if (value instanceof Error) return new Bubble(value, path);
    if (value === null || value === undefined) return null;
    if (isListType(type)) return this.#list(value, type.ofType, selection, path);
    if (selection === undefined) return value;
    const object = value as Record<string, unknown>;
    const part = partOf(selection, object);
    return this.#fields(part?.order ?? [], object, path) ?? object;
  }

  #list(
    value: unknown,
    type: GraphQLOutputType,
    selection: Selection | undefined,
    path: Path,
  ): unknown {
    if (!Array.isArray(value)) return null;
    let first: Bubble | undefined;
    for (let index = 0; index < value.length; index += 1) {
      const item = this.#place(value[index], type, selection, [...path, index]);
      if (item instanceof Bubble) first = nearer(first, item);
      else value[index] = item;
    }
    return first ?? value;
  }

  /** Reports a failure; `place` is the path that became null. */
  #note({ failure, path }: Bubble, place: Path): void {
    const what: Pick<EngineError, 'code' | 'why'> =
      failure instanceof UpstreamFailure
        ? { code: failure.code, why: failure.message }
        : { code: 'INTERNAL', why: describeFault(failure) };
    const inner = innerStepOf(path);
    // A failure within a field of the gateway's own has no path, unless it nulled a field of the
    // caller.
    if (inner !== undefined && place.length > inner) {
      this.errors.push({ ...what, path: undefined, isInner: true });
      return;
    }
    const told = inner === undefined ? path : place;
    this.errors.push({
      path: told.map((key) => (typeof key === 'string' ? toCallerKey(key) : key)),
      ...what,
    });
  }
}

function nearer(one: Bubble | undefined, other: Bubble): Bubble {
  return one === undefined || other.path.length < one.path.length ? other : one;
}
