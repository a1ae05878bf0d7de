/**
 * Where objects decide: parts of a projector that ask the judge at each object what may leave, and
 * keep the place where something may not. Fails closed: without a judge nothing leaves.
 */
import { isNonNullType } from 'graphql';
import { ownValue } from '../graph/upstream-value.ts';
import type { FieldGuard, ObjectGuard, ProjectedSelection, ProjectedValue } from '../plan/plan.ts';
import { bubble, dropped, type Put, type Raw } from './projection-run.ts';

/** Keeps the object as the one that the judge is asked about, for what is below it. */
export function remember(put: Put): Put {
  return (raw, run, depth, above) => {
    run.holders.push(raw as Raw);
    const value = put(raw, run, depth, above);
    run.holders.pop();
    return value;
  };
}

/**
 * A field of which the judge chooses what may leave. Asked also where there is no value, or the error
 * would tell whether there is one.
 */
export function compileGuarded(
  { coordinate, type }: ProjectedValue,
  guard: FieldGuard,
  compile: (choice: ProjectedValue) => Put,
): Put {
  const absent = isNonNullType(type) ? bubble : null;
  const puts = new Map(guard.choices.map(({ value }) => [value, compile(value)]));
  return (raw, run, depth, subject) => {
    const { judge } = run.delivery;
    const object = run.holders.at(-1);
    const chosen = object && judge?.choose(guard, coordinate, object, run.holders.at(-2));
    const put = chosen && puts.get(chosen);
    if (put !== undefined) return put(raw, run, depth, subject);
    judge?.places.add(run.place(depth));
    run.refuse(coordinate, depth);
    return absent;
  };
}

/** An object that may be kept back: what may not leave is not counted either. */
export function compileKept(
  put: Put,
  { typeName, coordinate }: ProjectedSelection,
  guards: ReadonlyMap<string, ObjectGuard>,
  isInList: boolean,
): Put {
  return (raw, run, depth, subject) => {
    if (typeof raw !== 'object' || raw === null) return put(raw, run, depth, subject);
    const object = raw as Raw;
    const name = typeName ?? ownValue(object, '__typename');
    const guard = typeof name === 'string' ? guards.get(name) : undefined;
    const { judge } = run.delivery;
    if (guard === undefined) return put(raw, run, depth, subject);
    const admission = judge?.admit(guard, coordinate, object, run.holders.at(-1)) ?? 'deny';
    if (admission === 'admit') return put(raw, run, depth, subject);
    if (admission === 'drop' && isInList) {
      judge?.places.addRow(run.place(depth));
      return dropped;
    }
    judge?.places.add(run.place(depth));
    if (admission === 'deny') run.refuse(coordinate, depth);
    return null;
  };
}

/** A list that rows may leave. */
export function compileShortened(put: Put): Put {
  return (raw, run, depth, subject) => {
    if (!Array.isArray(raw)) return null;
    const { tally } = run.delivery;
    const mark = tally.mark();
    const result: unknown[] = [];
    let isLost = false;
    for (let index = 0; index < raw.length && !isLost; index += 1) {
      run.keys[depth + 1] = result.length;
      run.left[depth + 1] = index - result.length;
      const value = put(raw[index], run, depth + 1, subject);
      isLost = value === bubble;
      if (value !== dropped) result.push(value);
    }
    // Other lists at this depth lose none.
    run.left[depth + 1] = 0;
    if (!isLost) return result;
    tally.rollback(mark);
    return null;
  };
}
