/**
 * Puts failures where the graph's schema has room for a null: an Error in the tree becomes null at
 * its place or at the nearest place above that may be null, and an error with the caller's path.
 * As the GraphQL specification has it (6.4.4); where several failures lie in one place that is
 * lost, one of them is told: the one nearest to it of those that took it away.
 *
 * Runs only over trees that hold a failure.
 */
import { type GraphQLOutputType, isListType, isNonNullType } from 'graphql';
import type { EngineError } from '../engine.ts';
import { describeFault, UpstreamFailure } from '../errors.ts';
import { innerStepOf, toCallerKey } from '../plan/plan.ts';
import { type Ordered, partOf, type Selection } from './program.ts';

type Path = readonly (string | number)[];

/** A failure on its way up to a place that may be null. */
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

  /** The root fields settled in place; null where one of them takes all of them away. */
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

  /** `place` is what became null. */
  #note({ failure, path }: Bubble, place: Path): void {
    const what: Pick<EngineError, 'code' | 'why'> =
      failure instanceof UpstreamFailure
        ? { code: failure.code, why: failure.message }
        : { code: 'INTERNAL', why: describeFault(failure) };
    const inner = innerStepOf(path);
    // What was asked for the gateway alone is told where it took something of the caller's away.
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
