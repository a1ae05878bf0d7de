/**
 * Projects an engine's result to the caller's shape: their keys in their order, masks applied,
 * nulls and FORBIDDEN for what the plan removed. Fails closed: only what the plan names gets
 * through, whatever the result holds.
 *
 * Objects have no prototype, so a response key such as `__proto__` is an ordinary key.
 */
import { type GraphQLOutputType, isListType, isNonNullType } from 'graphql';
import { ownValue } from '../graph/upstream-value.ts';
import type { Delivery, Projected } from '../plan/delivery.ts';
import { maskText } from '../plan/mask.ts';
import type { Admission, ProjectedSelection, ProjectedValue } from '../plan/plan.ts';
import { readSubject, type Subject } from '../plan/tally.ts';
import { RefusalErrors, type WhyEmpty } from '../refusal-errors.ts';

interface Path {
  readonly above: Path | undefined;
  readonly key: string | number;
  /** The index in the upstream's list, from which earlier rows may have been removed. */
  readonly index?: number;
}

type Source = Readonly<Record<string, unknown>>;

/** The object that holds a value, and the subject whose data it is. */
interface Holder {
  readonly subject: Subject | undefined;
  readonly source: Source;
}

/** A null in a non-null place: the nearest nullable parent becomes null. */
const bubble = Symbol('null in a non-null place');
/** A row that is removed from its list; outside a list, null takes its place. */
const dropped = Symbol('not in its list');

export function project(
  selection: ProjectedSelection,
  raw: unknown,
  delivery: Delivery,
): Projected {
  const projector = new Projector(delivery);
  const data = projector.object(selection, raw, undefined, undefined, undefined);
  return {
    data: data === bubble ? null : data,
    errors: projector.errors.list(),
    masked: [...projector.masked],
  };
}

class Projector {
  readonly masked = new Set<string>();
  readonly errors = new RefusalErrors();
  readonly #delivery: Delivery;

  constructor(delivery: Delivery) {
    this.#delivery = delivery;
  }

  object(
    selection: ProjectedSelection,
    raw: unknown,
    path: Path | undefined,
    above: Subject | undefined,
    parent: Source | undefined,
  ): Record<string, unknown> | null | typeof bubble {
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return null;
    const source = raw as Source;
    const typeName = typeNameOf(selection, source);
    const fields = typeof typeName === 'string' ? selection.byType.get(typeName) : undefined;
    if (fields === undefined) {
      this.#refuse(selection.coordinate, path);
      return null;
    }
    const key = typeof typeName === 'string' ? selection.subjects?.get(typeName) : undefined;
    const subject = key === undefined ? above : readSubject(key, source);
    const mark = this.#delivery.tally.mark();
    const result: Record<string, unknown> = Object.create(null);
    for (const field of fields) {
      switch (field.kind) {
        case 'typename':
          result[field.key] = typeName;
          break;
        case 'introspection':
          result[field.key] = this.#delivery.introspection[field.rawKey] ?? null;
          break;
        case 'denied':
          this.#refuse(field.coordinate, { above: path, key: field.key }, field.stepUp);
          result[field.key] = null;
          break;
        case 'value': {
          const place = { above: path, key: field.key };
          const value = this.#field(field, source, place, { subject, parent });
          if (value === bubble) {
            this.#delivery.tally.rollback(mark);
            return bubble;
          }
          result[field.key] = value;
        }
      }
    }
    return result;
  }

  /** The object's own guard decides first, so that a withheld value costs no budget. */
  #field(
    field: ProjectedValue,
    source: Source,
    place: Path,
    above: { subject: Subject | undefined; parent: Source | undefined },
  ): unknown {
    const raw = ownValue(source, field.rawKey);
    const holder = { subject: above.subject, source };
    const none = isNonNullType(field.type) ? bubble : null;
    let given: ProjectedValue | undefined = field;
    if (field.guard !== undefined) {
      const { judge } = this.#delivery;
      // Asked even if there is no value: otherwise the error would reveal whether there is one.
      given = judge?.choose(field.guard, field.coordinate, source, above.parent);
      if (given === undefined) {
        judge?.places.add(toRawList(place));
        this.#refuse(field.coordinate, place, field.guard.stepUp);
        return none;
      }
    }
    return this.#value(given, given.type, raw, place, holder);
  }

  #value(
    field: ProjectedValue,
    type: GraphQLOutputType,
    raw: unknown,
    path: Path,
    holder: Holder,
  ): unknown {
    if (isNonNullType(type)) {
      const value = this.#value(field, type.ofType, raw, path, holder);
      return value === null ? bubble : value;
    }
    if (raw === null || raw === undefined) return null;
    if (isListType(type)) return this.#list(field, type.ofType, raw, path, holder);
    const { subject } = holder;
    const admission = this.#admit(field.selection, raw, holder.source);
    if (admission !== 'admit') return this.#keep(admission, field.coordinate, path);
    if (!this.#delivery.egress.take(field.coordinate)) {
      this.#refuse(field.coordinate, path, 'rates/limited');
      return null;
    }
    const made =
      field.selection === undefined
        ? this.#leaf(field, raw, path)
        : this.object(field.selection, raw, path, subject, holder.source);
    const value = made === bubble ? null : made;
    if (value !== null && field.classified !== undefined) {
      this.#delivery.tally.value(field.classified, subject);
    }
    return value;
  }

  #list(
    field: ProjectedValue,
    type: GraphQLOutputType,
    raw: unknown,
    path: Path,
    holder: Holder,
  ): unknown {
    if (!Array.isArray(raw)) return null;
    const mark = this.#delivery.tally.mark();
    const result: unknown[] = [];
    for (let index = 0; index < raw.length; index += 1) {
      const place = { above: path, key: result.length, index };
      const value = this.#value(field, type, raw[index], place, holder);
      if (value === dropped) continue;
      if (value === bubble) {
        this.#delivery.tally.rollback(mark);
        return null;
      }
      result.push(value);
    }
    return result;
  }

  #keep(admission: 'deny' | 'drop', coordinate: string, path: Path): null | typeof dropped {
    const { judge } = this.#delivery;
    if (admission === 'drop' && path.index !== undefined) {
      judge?.places.addRow(toRawList(path));
      return dropped;
    }
    judge?.places.add(toRawList(path));
    if (admission === 'deny') this.#refuse(coordinate, path);
    return null;
  }

  #admit(selection: ProjectedSelection | undefined, raw: unknown, parent: Source): Admission {
    if (selection?.guards === undefined || typeof raw !== 'object' || raw === null) return 'admit';
    const source = raw as Source;
    const typeName = typeNameOf(selection, source);
    const guard = typeof typeName === 'string' ? selection.guards.get(typeName) : undefined;
    if (guard === undefined) return 'admit';
    return this.#delivery.judge?.admit(guard, selection.coordinate, source, parent) ?? 'deny';
  }

  #leaf(field: ProjectedValue, raw: unknown, path: Path): unknown {
    if (field.mask !== undefined) {
      this.masked.add(field.coordinate);
      return maskText(field.mask, String(raw), field.hash);
    }
    const isHidden = field.members?.has(String(raw)) === false;
    if (isHidden || (field.scalarsOnly && typeof raw === 'object')) {
      this.#refuse(field.coordinate, path);
      return null;
    }
    return raw;
  }

  #refuse(coordinate: string, path: Path | undefined, why?: WhyEmpty): void {
    this.errors.refuse(coordinate, () => toList(path), why);
  }
}

const typeNameOf = ({ typeName }: ProjectedSelection, source: Source): unknown =>
  typeName ?? ownValue(source, '__typename');

function toList(path: Path | undefined): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let step = path; step !== undefined; step = step.above) keys.unshift(step.key);
  return keys;
}

/** The path with the indexes of the upstreams' lists. */
function toRawList(path: Path): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let step: Path | undefined = path; step !== undefined; step = step.above) {
    keys.unshift(step.index ?? step.key);
  }
  return keys;
}
