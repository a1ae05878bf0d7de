/**
 * Compiles the projection of a plan into closures: from a tree in the executed document's keys to
 * the caller's answer, with masks, nulls and FORBIDDEN for what the plan removed, record budgets
 * and the tally. Fails closed: only what the plan names gets through.
 *
 * Gives the same verdicts as `project` for the reference engine, at the same places, in the same
 * order.
 */
import { type GraphQLOutputType, isListType, isNonNullType } from 'graphql';
import { ownValue } from '../graph/upstream-value.ts';
import type { Delivery, Projected } from '../plan/delivery.ts';
import { maskText } from '../plan/mask.ts';
import type {
  ProjectedField,
  ProjectedSelection,
  ProjectedValue,
  SubjectKey,
} from '../plan/plan.ts';
import { readSubject } from '../plan/tally.ts';
import { bubble, ProjectionRun, type Put } from './projection-run.ts';
import { compileGuarded, compileKept, compileShortened, remember } from './projector-guards.ts';

const none: readonly never[] = [];

/** Projects one tree to the caller's answer; counts in `delivery` what leaves. */
export type Projector = (tree: unknown, delivery: Delivery) => Projected;

/** Compiles the projection, once per plan. */
export function compileProjector(selection: ProjectedSelection): Projector {
  const put = compileObject(selection, hasGuards(selection));
  return (tree, delivery) => {
    const run = new ProjectionRun(delivery);
    const data = put(tree, run, -1, undefined);
    return {
      data: data === bubble ? null : (data as Record<string, unknown> | null),
      errors: run.errors?.list() ?? none,
      masked: run.masked === undefined ? none : [...run.masked],
    };
  };
}

/** Whether objects decide anywhere in the answer; if not, no object is kept for the judge. */
function hasGuards({ guards, byType }: ProjectedSelection): boolean {
  if (guards !== undefined) return true;
  return [...byType.values()].flat().some((field) => {
    if (field.kind !== 'value') return false;
    return (
      field.guard !== undefined || (field.selection !== undefined && hasGuards(field.selection))
    );
  });
}

function compileObject(
  { typeName, byType, subjects, coordinate }: ProjectedSelection,
  isGuarded: boolean,
): Put {
  const puts = new Map(
    [...byType].map(([name, fields]) => {
      const put = compileFields(name, fields, subjects?.get(name), isGuarded);
      return [name, isGuarded ? remember(put) : put];
    }),
  );
  const only = typeName === undefined ? undefined : puts.get(typeName);
  return (raw, run, depth, above) => {
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return null;
    const source = raw as Record<string, unknown>;
    const name = typeName ?? ownValue(source, '__typename');
    const put = only ?? (typeof name === 'string' ? puts.get(name) : undefined);
    if (put !== undefined) return put(source, run, depth, above);
    run.refuse(coordinate, depth);
    return null;
  };
}

interface FieldPut {
  readonly key: string;
  readonly rawKey: string;
  readonly put: Put;
  /** Set if the value passes unchanged when nothing is counted: what replaces a missing value. */
  readonly plain: { readonly absent: null | typeof bubble } | undefined;
}

function compileFields(
  typeName: string,
  fields: readonly ProjectedField[],
  subjectKey: SubjectKey | undefined,
  isGuarded: boolean,
): Put {
  const puts = fields.map((field) => compileField(typeName, field, isGuarded));
  const isSafe = puts.every(({ rawKey }) => !(rawKey in Object.prototype));
  // Assigning this key on a plain object would set its prototype.
  const isPlain = puts.every(({ key }) => key !== '__proto__');
  return (raw, run, depth, above) => {
    const source = raw as Record<string, unknown>;
    const { tally } = run.delivery;
    const mark = tally.mark();
    const subject = subjectKey === undefined ? above : readSubject(subjectKey, source);
    const result: Record<string, unknown> = isPlain ? {} : Object.create(null);
    const inner = depth + 1;
    const { isCounted } = run;
    for (const { key, rawKey, put, plain } of puts) {
      const sent = isSafe ? source[rawKey] : ownValue(source, rawKey);
      let value: unknown;
      if (plain === undefined || isCounted) {
        run.keys[inner] = key;
        value = put(sent, run, inner, subject);
      } else {
        value = sent ?? plain.absent;
      }
      if (value === bubble) {
        tally.rollback(mark);
        return bubble;
      }
      result[key] = value;
    }
    return result;
  };
}

function compileField(typeName: string, field: ProjectedField, isGuarded: boolean): FieldPut {
  const { key } = field;
  switch (field.kind) {
    case 'typename':
      return toFieldPut(key, () => typeName);
    case 'introspection':
      return toFieldPut(key, (_, run) => run.delivery.introspection[field.rawKey] ?? null);
    case 'denied': {
      const { coordinate, stepUp } = field;
      const put: Put = (_, run, depth) => {
        run.refuse(coordinate, depth, stepUp);
        return null;
      };
      return toFieldPut(key, put);
    }
    case 'value': {
      const context = { isGuarded, isInList: false };
      const put =
        field.guard === undefined
          ? compileValue(field, field.type, context)
          : compileGuarded(field, field.guard, (one) => compileValue(one, one.type, context));
      return toFieldPut(key, put, field.rawKey, plainOf(field));
    }
  }
}

interface ValueContext {
  /** Whether objects decide anywhere in the answer. */
  readonly isGuarded: boolean;
  readonly isInList: boolean;
}

/** Gives all entries the same hidden class: they are read for every field of every row. */
function toFieldPut(key: string, put: Put, rawKey = '', plain?: FieldPut['plain']): FieldPut {
  return { key, rawKey, put, plain };
}

/**
 * Set for leaves that are passed through, as most are: a closure for each would cost more than the
 * rest of the projection.
 */
function plainOf(field: ProjectedValue): FieldPut['plain'] {
  const { selection, classified, mask, members, scalarsOnly, type, guard } = field;
  const isNonNull = isNonNullType(type);
  const isList = isListType(isNonNull ? type.ofType : type);
  const isLooked = mask !== undefined || members !== undefined || scalarsOnly;
  if (guard !== undefined) return undefined;
  if (isList || isLooked || selection !== undefined || classified !== undefined) return undefined;
  return { absent: isNonNull ? bubble : null };
}

function compileValue(field: ProjectedValue, type: GraphQLOutputType, context: ValueContext): Put {
  if (isNonNullType(type)) {
    const put = compileValue(field, type.ofType, context);
    return (raw, run, depth, subject) => put(raw, run, depth, subject) ?? bubble;
  }
  if (isListType(type)) return compileList(field, type.ofType, context);
  const { selection } = field;
  const put = compileNamed(field, context);
  return selection?.guards === undefined
    ? put
    : compileKept(put, selection, selection.guards, context.isInList);
}

function compileList(field: ProjectedValue, type: GraphQLOutputType, context: ValueContext): Put {
  const put = compileValue(field, type, { ...context, isInList: true });
  if (field.selection?.guards !== undefined) return compileShortened(put);
  return (raw, run, depth, subject) => {
    if (!Array.isArray(raw)) return null;
    const { tally } = run.delivery;
    const mark = tally.mark();
    const result: unknown[] = [];
    for (let index = 0; index < raw.length; index += 1) {
      run.keys[depth + 1] = index;
      const value = put(raw[index], run, depth + 1, subject);
      if (value === bubble) {
        tally.rollback(mark);
        return null;
      }
      result.push(value);
    }
    return result;
  };
}

function compileNamed(field: ProjectedValue, { isGuarded }: ValueContext): Put {
  const { coordinate, classified, selection } = field;
  const put = selection === undefined ? compileLeaf(field) : compileObject(selection, isGuarded);
  return (raw, run, depth, subject) => {
    if (raw === null || raw === undefined) return null;
    if (run.isCounted && !run.delivery.egress.take(coordinate)) {
      run.refuse(coordinate, depth, 'rates/limited');
      return null;
    }
    const made = put(raw, run, depth, subject);
    const value = made === bubble ? null : made;
    if (classified !== undefined && value !== null) run.delivery.tally.value(classified, subject);
    return value;
  };
}

function compileLeaf({ mask, hash, members, scalarsOnly, coordinate }: ProjectedValue): Put {
  if (mask !== undefined) {
    return (raw, run) => {
      run.masked ??= new Set();
      run.masked.add(coordinate);
      return maskText(mask, String(raw), hash);
    };
  }
  if (!scalarsOnly && members === undefined) return (raw) => raw;
  return (raw, run, depth) => {
    const isHidden = members?.has(String(raw)) === false;
    if (!isHidden && !(scalarsOnly && typeof raw === 'object')) return raw;
    run.refuse(coordinate, depth);
    return null;
  };
}
