/**
 * Decides what a caller gets for each coordinate as for a served request: by the caller's answers
 * to the conditions, the view, the rules, and whether any path leads there. Conditions on place,
 * time and recent sign-in are first assumed not to hold; what they would add is listed separately.
 */
import type { GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import { createGrantsOf, type Grants } from '../../authorize/grants.ts';
import { createConditionRules } from '../../authorize/shield-rules.ts';
import type { Situation } from '../../conditions/situation.ts';
import { Refusal } from '../../decision.ts';
import type { Caller } from '../../request.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { type ExplainedCoordinate, explainCoordinate } from '../explain/explain-coordinates.ts';
import { mayBeWhole } from '../explain/explain-text.ts';
import { findReach, type Reach } from './matrix-reach.ts';
import { findSituations, type NamedSituation } from './matrix-situations.ts';

export interface Cell extends Omit<ExplainedCoordinate, 'coordinate' | 'verdict'> {
  /** `unreachable`: its own rules grant it, but no operation of this caller can get there. */
  readonly verdict: ExplainedCoordinate['verdict'] | 'unreachable';
  /** The verdicts in particular places or times; absent if they change nothing. */
  readonly only?: readonly OnlyThere[];
}

export interface OnlyThere {
  readonly verdict: 'allow' | 'mask' | 'depends';
  readonly mask?: string;
  /** Conditions that must all hold for the request: `from network office`. */
  readonly assumes: readonly string[];
}

export interface Looker {
  /** What a caller has with unknown place and time, or in one situation. */
  look(caller: Caller, situation?: Situation): Promise<Look>;
  /** One cell per coordinate, in the given order. */
  cells(caller: Caller, coordinates: readonly string[]): Promise<readonly Cell[]>;
  /** Number of situations that were not examined. */
  readonly situationsLeftOut: number;
}

export interface Look {
  readonly grants: Grants;
  readonly reach: Reach;
  cell(coordinate: string): Cell;
}

const looksKept = 200;

/** `anyClaims`: the callers come from the policies, so not all of their claims are known. */
export function createLooker(snapshot: Snapshot, about: { anyClaims?: boolean } = {}): Looker {
  const { policy } = snapshot;
  const grantsOf = createGrantsOf(createConditionRules(policy.conditions, about));
  const { situations, leftOut } = findSituations(policy.conditions.slice(0, policy.inForce));
  // The view and the cells depend on the grants alone.
  const looks = new LRUCache<string, Look>({ max: looksKept });
  const look = async (caller: Caller, situation?: Situation): Promise<Look> => {
    const grants = await grantsOf(caller, situation);
    const known = looks.get(grants.signature);
    if (known !== undefined) return known;
    const view = snapshot.viewOf(grants);
    const seen = view instanceof Refusal ? undefined : view.schema;
    const looked = toLook(snapshot, grants, seen);
    looks.set(grants.signature, looked);
    return looked;
  };
  return {
    look,
    situationsLeftOut: leftOut,
    async cells(caller, coordinates) {
      const base = await look(caller);
      const others: { named: NamedSituation; at: Look }[] = [];
      for (const named of situations) {
        const at = await look(signedInAt(caller, named.signedInAtS), named.situation);
        if (at.grants.signature !== base.grants.signature) others.push({ named, at });
      }
      return coordinates.map((coordinate) => {
        const cell = base.cell(coordinate);
        const only = findOnly(cell, coordinate, others);
        return only.length === 0 ? cell : { ...cell, only };
      });
    },
  };
}

/** The same caller with a given sign-in time. */
function signedInAt(caller: Caller, atS: number | undefined): Caller {
  if (atS === undefined || caller.kind !== 'token') return caller;
  const claims = Object.assign(Object.create(null), caller.claims, { auth_time: atS });
  return Object.freeze({ ...caller, claims: Object.freeze(claims) });
}

const nothing: Reach = { open: new Set(), types: new Set() };

function toLook({ policy }: Snapshot, grants: Grants, seen: GraphQLSchema | undefined): Look {
  const reach = seen === undefined ? nothing : findReach(seen, policy, grants);
  return {
    grants,
    reach,
    cell(coordinate) {
      const about = policy.fields.get(coordinate) ?? policy.inputs.get(coordinate);
      // An input of a write that stays closed until a rule lists it.
      if (about === undefined) return { verdict: 'hidden' };
      const explained = explainCoordinate(about, grants, { policy, seen });
      const { coordinate: _, ...cell } = explained;
      const isClosed = rankOf(cell) > 0 && !reach.open.has(coordinate);
      return isClosed ? { ...cell, verdict: 'unreachable' } : cell;
    },
  };
}

const ranks: Partial<Record<Cell['verdict'], number>> = { allow: 3, mask: 2, depends: 1 };
const rankOf = ({ verdict }: Pick<Cell, 'verdict'>): number => ranks[verdict] ?? 0;

/** Whether it is masked for every object. */
const isMasked = (cell: Cell): boolean =>
  cell.verdict === 'mask' || (cell.mask !== undefined && !mayBeWhole(cell));

/** The situations that give more, without those that assume more than another that gives as much. */
function findOnly(
  base: Cell,
  coordinate: string,
  others: readonly { named: NamedSituation; at: Look }[],
): OnlyThere[] {
  const found: OnlyThere[] = [];
  if (base.verdict === 'allow') return found;
  for (const { named, at } of others) {
    if (!at.reach.open.has(coordinate)) continue;
    const there = at.cell(coordinate);
    const { verdict, mask } = there;
    if (verdict !== 'allow' && verdict !== 'mask' && verdict !== 'depends') continue;
    const isMore =
      rankOf({ verdict }) > rankOf(base) ||
      (isMasked(base) && !isMasked(there)) ||
      (verdict === 'mask' && mask !== base.mask);
    const assumed = new Set(named.implies);
    const isSaid = found.some(
      (one) => rankOf(one) >= rankOf({ verdict }) && one.assumes.every((part) => assumed.has(part)),
    );
    if (!isMore || isSaid) continue;
    found.push({ verdict, ...(mask !== undefined && { mask }), assumes: named.assumes });
  }
  return found;
}
