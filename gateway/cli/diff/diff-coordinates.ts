/**
 * Compares what callers see of each coordinate under two policies. Exact: both policies decide for
 * every caller that the coordinate's conditions can tell apart. Fails closed: too many callers, or
 * one mask in place of another, counts as wider.
 */
import {
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import { ownerOf } from '../../graph/coordinate.ts';
import { callersOf, type ExampleCaller } from './diff-callers.ts';
import {
  fieldOf,
  isRuled,
  type Judged,
  judgedOn,
  rankOf,
  type Shown,
  type Side,
} from './diff-side.ts';

export interface CoordinateChange {
  readonly coordinate: string;
  /** Undefined if there are too many conditions to decide. */
  readonly seen:
    | { readonly was: Shown; readonly is: Shown; readonly caller: ExampleCaller }
    | undefined;
}

export interface CoordinateChanges {
  /** Sorted by coordinate. */
  readonly widens: readonly CoordinateChange[];
  readonly narrows: readonly CoordinateChange[];
}

export function compareCoordinates(old: Side, now: Side): CoordinateChanges {
  const widens: CoordinateChange[] = [];
  const narrows: CoordinateChange[] = [];
  const compare = createCompare(old.anonymousAllowed || now.anonymousAllowed);
  const goesWithOthers = createGoesWithOthers(old, now);
  for (const coordinate of [...new Set([...old.there, ...now.there])].sort()) {
    if (goesWithOthers(coordinate)) continue;
    const [was, is] = [judgedOn(old, coordinate), judgedOn(now, coordinate)];
    const found = compare(was, is);
    if (found === undefined) {
      widens.push({ coordinate, seen: undefined });
      continue;
    }
    const toChange = (caller: ExampleCaller): CoordinateChange => ({
      coordinate,
      seen: { was: was.of(caller), is: is.of(caller), caller },
    });
    if (found.widens) widens.push(toChange(found.widens));
    if (found.narrows) narrows.push(toChange(found.narrows));
  }
  return { widens, narrows };
}

interface Found {
  /** The callers who have least and see more, or see less. */
  readonly widens?: ExampleCaller | undefined;
  readonly narrows?: ExampleCaller | undefined;
}

/** Caches each pair, because many coordinates share rules. Undefined: too many callers. */
function createCompare(strangers: boolean): (was: Judged, is: Judged) => Found | undefined {
  const known = new Map<string, Found | undefined>();
  return (was, is) => {
    if (was.key === is.key) return {};
    const key = `${was.key}\n${is.key}`;
    if (!known.has(key)) known.set(key, findCallers(was, is, strangers));
    return known.get(key);
  };
}

function findCallers(was: Judged, is: Judged, strangers: boolean): Found | undefined {
  const callers = callersOf([...was.conditions, ...is.conditions], strangers);
  if (callers === undefined) return undefined;
  let [widens, narrows]: (Move | undefined)[] = [];
  for (const caller of callers) {
    const [before, after] = [was.of(caller), is.of(caller)];
    const move = moveOf(before, after);
    // The largest exposure is reported: a visible name matters less than a visible value.
    if (move > 0) widens = larger(widens, { caller, shown: rankOf(after) });
    if (move < 0) narrows = larger(narrows, { caller, shown: rankOf(before) });
  }
  return { widens: widens?.caller, narrows: narrows?.caller };
}

interface Move {
  readonly caller: ExampleCaller;
  /** Rank of what they see in the wider of the two states. */
  readonly shown: number;
}

const larger = (known: Move | undefined, move: Move): Move =>
  known === undefined || move.shown > known.shown ? move : known;

/** Above 0 if more is shown. Of two masks, only `redact` surely shows less than another. */
function moveOf(was: Shown, is: Shown): number {
  // A caller who is admitted and shown nothing gets no more than one who is refused.
  const least = was.outside || is.outside ? 1 : 0;
  const move = Math.max(least, rankOf(is)) - Math.max(least, rankOf(was));
  if (move !== 0 || was.mask === is.mask) return move;
  return is.mask === 'redact' ? -1 : 1;
}

/**
 * Inputs without a rule appear and disappear with their field or type, which is compared itself;
 * one that appears while these stay is a change of its own.
 */
function createGoesWithOthers(old: Side, now: Side): (coordinate: string) => boolean {
  const staysSeen = (coordinate: string) => old.seen.has(coordinate) && now.seen.has(coordinate);
  const places = [placesIn(old.executable), placesIn(now.executable)];
  return (coordinate) => {
    if (old.policy.fields.has(coordinate) || now.policy.fields.has(coordinate)) return false;
    if (isRuled(old, coordinate) || isRuled(now, coordinate)) return false;
    if (old.seen.has(coordinate) === now.seen.has(coordinate)) return true;
    const field = fieldOf(coordinate);
    if (field !== undefined) return !staysSeen(field);
    const type = ownerOf(coordinate);
    return !places.some((one) => one.get(type)?.some(staysSeen));
  };
}

/** The coordinates at which each enum and input type is used, by type name. */
function placesIn(schema: GraphQLSchema): ReadonlyMap<string, readonly string[]> {
  const places = new Map<string, string[]>();
  const add = (type: GraphQLNamedType, coordinate: string): void => {
    if (!isEnumType(type) && !isInputObjectType(type)) return;
    const known = places.get(type.name);
    if (known === undefined) places.set(type.name, [coordinate]);
    else known.push(coordinate);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        add(getNamedType(field.type), `${type.name}.${field.name}`);
      }
    }
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      add(getNamedType(field.type), `${type.name}.${field.name}`);
      for (const { name, type: given } of field.args) {
        add(getNamedType(given), `${type.name}.${field.name}(${name}:)`);
      }
    }
  }
  return places;
}
