/**
 * Chooses the callers of a matrix: those listed by `--as`, or those found in the policies. The
 * latter are the smallest callers that meet a condition on a coordinate; if that does not reach it,
 * also with the least that opens a path.
 */
import type { Condition } from '../../conditions/condition.ts';
import type { IdentityConfig } from '../../config.ts';
import { createAnonymousCaller } from '../../identify/to-caller.ts';
import type { Caller } from '../../request.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { isLetIn, readArgument, readCaller } from '../read-caller.ts';
import type { Looker } from './matrix-cells.ts';
import {
  type CallerSet,
  emptySet,
  keyOfSet,
  toCallerOf,
  toCase,
  toSets,
  toSetText,
} from './matrix-sets.ts';
import { conditionsOf, createWayFinder } from './matrix-ways.ts';

export interface MatrixCaller {
  /** A label for people. */
  readonly name: string;
  /** The caller in the form of `--as`. */
  readonly as: unknown;
  readonly caller: Caller;
}

export interface MatrixCallers {
  readonly callers: readonly MatrixCaller[];
  /** Further callers without a column; `more` is set if others may not have been counted. */
  readonly leftOut: number;
  readonly more: boolean;
}

const callersMax = 40;

/** Reads one caller or a list, as JSON or @FILE; throws Error naming the option. */
export async function readCallers(as: string, identity: IdentityConfig): Promise<MatrixCallers> {
  const text = as === 'anonymous' ? '"anonymous"' : await readArgument(as, '--as');
  const list = toList(text);
  if (list.length === 0) throw new Error('--as: the list is empty');
  if (list.length > callersMax) throw new Error(`--as: at most ${callersMax} callers`);
  const callers: MatrixCaller[] = [];
  for (const one of list) {
    const said = one === 'anonymous' ? one : JSON.stringify(one);
    const caller = await readCaller(said, identity);
    if (!isLetIn(caller, identity)) {
      throw new Error('--as: this configuration refuses anonymous callers');
    }
    callers.push({ name: shorten(said), as: one, caller });
  }
  return { callers, leftOut: 0, more: false };
}

const nameMax = 200;

const shorten = (name: string): string =>
  name.length > nameMax ? `${name.slice(0, nameMax - 1)}…` : name;

function toList(text: string): readonly unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const forms = `claims such as '{"scope":"hr:read"}', a list of such, anonymous, or @FILE`;
    throw new Error(`--as is not JSON: write ${forms}`, { cause: error });
  }
  const list = Array.isArray(value) ? value : [value];
  const wrong = list.find(
    (one) => one !== 'anonymous' && (typeof one !== 'object' || one === null),
  );
  if (wrong !== undefined) throw new Error('--as: a caller is a JSON object, or "anonymous"');
  return list;
}

/** Anonymous if admitted, then a caller with nothing, then in the order of the coordinates. */
export async function findCallers(
  snapshot: Snapshot,
  coordinates: readonly string[],
  { identity, looker }: { identity: IdentityConfig; looker: Looker },
): Promise<MatrixCallers> {
  const { policy } = snapshot;
  const found = new Map<string, MatrixCaller>();
  const anonymous: MatrixCaller = {
    name: 'anonymous',
    as: 'anonymous',
    caller: createAnonymousCaller(),
  };
  let more = false;
  const add = (set: CallerSet, condition: Condition): MatrixCaller | undefined => {
    const key = keyOfSet(set);
    const known = found.get(key);
    if (known !== undefined) return known;
    const caller = toCallerOf(set, condition, identity);
    if (caller === undefined) return undefined;
    const added = { name: toSetText(set), as: toCase(set), caller };
    found.set(key, added);
    return added;
  };
  add(emptySet, { kind: 'everyone' });
  const wanted: { coordinate: string; set: CallerSet; condition: Condition }[] = [];
  for (const coordinate of coordinates) {
    for (const condition of conditionsOf(policy, coordinate)) {
      const { sets, cut } = toSets(condition);
      more ||= cut;
      for (const set of sets) {
        if (add(set, condition) !== undefined) wanted.push({ coordinate, set, condition });
      }
    }
  }
  const finder = createWayFinder(snapshot, { identity, looker });
  for (const { coordinate, set, condition } of wanted) {
    // Further callers would have no column.
    if (found.size > callersMax) break;
    const way = await finder.find(coordinate, { set, condition });
    if (way !== undefined) add(way.set, way.condition);
  }
  more ||= finder.gaveUp();
  const all = [...(isLetIn(anonymous.caller, identity) ? [anonymous] : []), ...found.values()];
  return { callers: all.slice(0, callersMax), leftOut: Math.max(0, all.length - callersMax), more };
}
