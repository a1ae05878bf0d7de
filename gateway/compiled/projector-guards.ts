/**
 * The parts of a projector in which objects decide: they ask the judge at each object what may
 * leave, and note the places where a value was withheld. Fails closed: without a judge, guarded
 * values are refused.
 */
import { isNonNullType } from 'graphql';
import { ownValue } from '../graph/upstream-value.ts';
import type { FieldGuard, ObjectGuard, ProjectedSelection, ProjectedValue } from '../plan/plan.ts';
import { bubble, dropped, type Put, type Raw } from './projection-run.ts';

/** Keeps the object as the judge's subject for the fields below it. */
export function remember(put: Put): Put {
  return (raw, run, depth, above) => {
    run.holders.push(raw as Raw);
    const value = put(raw, run, depth, above);
    run.holders.pop();
    return value;
  };
}

/**
 * Compiles a field whose output the judge chooses. The judge is asked even if there is no value:
 * otherwise the error would reveal whether there is one.
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
    run.refuse(coordinate, depth, guard.stepUp);
    return absent;
  };
}

/**
 * Compiles an object that may be withheld. It is judged before it is counted, so a withheld object
 * costs no budget.
 */
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

/** Compiles a list from which rows may be removed. */
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
    // Other lists at this depth have lost no rows yet.
    run.left[depth + 1] = 0;
    if (!isLost) return result;
    tally.rollback(mark);
    return null;
  };
}
