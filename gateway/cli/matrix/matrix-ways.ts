/**
 * Finds the least that a caller lacks who is granted a coordinate but cannot reach it: adds
 * conditions of the fields on the path one at a time until an operation can use it.
 */
import { type GraphQLSchema, getNamedType, isAbstractType, isObjectType } from 'graphql';
import type { CoordinatePolicy, MaskClause, Policy } from '../../authorize/policy.ts';
import type { Condition } from '../../conditions/condition.ts';
import type { IdentityConfig } from '../../config.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import type { Look, Looker } from './matrix-cells.ts';
import { type CallerSet, joinSets, keyOfSet, toCallerOf, toSets } from './matrix-sets.ts';

export interface Way {
  readonly set: CallerSet;
  readonly condition: Condition;
}

/** Most callers examined by all searches together, and most queued in one. */
const looksMax = 400;
const waitingMax = 60;

export function createWayFinder(
  { executable, policy }: Snapshot,
  { identity, looker }: { identity: IdentityConfig; looker: Looker },
) {
  const leads = leadsOf(executable);
  const looked = new Map<string, Look | undefined>();
  /** Paths found for a set, by its key. */
  const found = new Map<string, Way[]>();
  let isCut = false;

  /** Fields with selections on reachable types that the caller is refused. */
  const closedOn = ({ open, types }: Look['reach']): readonly string[] =>
    [...leads].flatMap(([type, fields]) =>
      types.has(type) ? fields.filter((field) => !open.has(field)) : [],
    );

  const needs = new Map<string, readonly Way[]>();
  const needsOf = (field: string): readonly Way[] => {
    const known = needs.get(field);
    if (known !== undefined) return known;
    const found = conditionsOf(policy, field).flatMap((condition) => {
      const { sets, cut } = toSets(condition);
      isCut ||= cut;
      return sets.map((set): Way => ({ set, condition }));
    });
    needs.set(field, found);
    return found;
  };

  const look = async ({ set, condition }: Way): Promise<Look | undefined> => {
    const key = keyOfSet(set);
    if (looked.has(key)) return looked.get(key);
    const caller = toCallerOf(set, condition, identity);
    const seen = caller && (await looker.look(caller));
    looked.set(key, seen);
    return seen;
  };

  /** The same caller with one more condition, for each that may open a field. */
  const nextOf = (way: Way, reach: Look['reach']): Way[] =>
    closedOn(reach)
      .flatMap(needsOf)
      .map((more) => ({
        set: joinSets(way.set, more.set),
        condition: { kind: 'all', of: [way.condition, more.condition] },
      }));

  const search = async (coordinate: string, from: Way): Promise<Way | undefined> => {
    const waiting = new Map([[keyOfSet(from.set), from]]);
    // Iterates over entries added in the loop.
    for (const way of waiting.values()) {
      const at = await look(way);
      if (at?.reach.open.has(coordinate)) return way;
      for (const next of at === undefined ? [] : nextOf(way, at.reach)) {
        const key = keyOfSet(next.set);
        const hasRoom = waiting.size < waitingMax && looked.size < looksMax;
        if (hasRoom && !waiting.has(key)) waiting.set(key, next);
        isCut ||= !hasRoom;
      }
    }
    return undefined;
  };

  return {
    /** Whether a search ended before trying everything. */
    gaveUp: (): boolean => isCut,
    /** Undefined if the coordinate is reachable already, or no path was found. */
    async find(coordinate: string, from: Way): Promise<Way | undefined> {
      const verdict = (await look(from))?.cell(coordinate).verdict;
      if (verdict !== 'unreachable' && verdict !== 'hidden') return undefined;
      const key = keyOfSet(from.set);
      const before = found.get(key) ?? [];
      for (const way of before) {
        if ((await look(way))?.reach.open.has(coordinate)) return undefined;
      }
      const way = await search(coordinate, from);
      if (way !== undefined) found.set(key, [...before, way]);
      return way;
    },
  };
}

/** Fields that return composite types, by the object type that has them. */
function leadsOf(schema: GraphQLSchema): ReadonlyMap<string, readonly string[]> {
  const leads = new Map<string, string[]>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    const fields = Object.values(type.getFields()).filter(({ type: returned }) => {
      const named = getNamedType(returned);
      return isObjectType(named) || isAbstractType(named);
    });
    leads.set(
      type.name,
      fields.map(({ name }) => `${type.name}.${name}`),
    );
  }
  return leads;
}

/** Each condition under which the coordinate's own rules grant it, whole or masked. */
export function conditionsOf(policy: Policy, coordinate: string): Condition[] {
  const about = policy.fields.get(coordinate) ?? policy.inputs.get(coordinate);
  if (about === undefined || about.forbid !== undefined) return [];
  return clausesOf(about).map(({ condition }) => {
    const numbers = [condition, ...about.requires.map((one) => one.condition)];
    const of = [...new Set(numbers)].flatMap((number) => policy.conditions[number] ?? []);
    return { kind: 'all', of };
  });
}

const clausesOf = ({
  grants,
  masks,
}: CoordinatePolicy): readonly Pick<MaskClause, 'condition'>[] => [...grants, ...masks];
