/**
 * Adds to a plan the guards of fields and objects that objects decide, and the fields that their
 * conditions look at: fetched under keys of the gateway's own, outside of the projection.
 */
import { type FieldNode, type GraphQLObjectType, getNamedType, isLeafType } from 'graphql';
import type { FieldGuard, GuardKeys, ObjectGuard, ProjectedValue } from '../../plan/plan.ts';
import { type Choice, toCertain, type Verdict } from '../decide.ts';
import type { Answers } from '../grants.ts';
import type { Policy } from '../policy.ts';
import { toAliased } from './plan-nodes.ts';
import { planReads } from './plan-reads.ts';
import type { CertainField } from './plan-value.ts';

/** One concrete type at one place of a plan, and what conditions look at there. */
export class GuardedPlace {
  readonly type: GraphQLObjectType;
  /** The prefix of its keys; the index tells implementations apart. */
  readonly prefix: string;
  /** The planned parent object; undefined for a root. */
  readonly above: GuardedPlace | undefined;
  readonly #names = new Set<string>();

  constructor(type: GraphQLObjectType, index: number | undefined, above: GuardedPlace | undefined) {
    this.type = type;
    this.prefix = `fgw${index ?? ''}_`;
    this.above = above;
  }

  /** Fields to fetch in addition. */
  nodes(): FieldNode[] {
    return [...this.#names].map((name) => toAliased(`${this.prefix}${name}`, name));
  }

  /**
   * Adds what the conditions look at to the fields fetched, and returns the keys under which they
   * find it.
   */
  look(policy: Policy, conditions: readonly number[]): GuardKeys {
    for (const number of conditions) {
      const { object = [], parent = [] } = policy.perUse.get(number) ?? {};
      for (const name of object) this.#add(policy, name);
      if (this.above === undefined) continue;
      for (const name of parent) this.above.#add(policy, name);
    }
    return { object: this.prefix, parent: this.above?.prefix ?? '' };
  }

  /** A field that the type lacks is not answered, so the condition cannot be evaluated there. */
  #add(policy: Policy, name: string): void {
    const field = this.type.getFields()[name];
    const isKnown = policy.looked.has(`${this.type.name}.${name}`);
    if (isKnown && (field === undefined || isLeafType(getNamedType(field.type)))) {
      this.#names.add(name);
    }
  }
}

/** The guard of a field that objects decide, with the projected value of each choice. */
export function planFieldGuard(
  policy: Policy,
  place: GuardedPlace,
  verdict: Verdict & { kind: 'depends' },
  about: Pick<FieldGuard, 'definition' | 'node'> & {
    toValue: (verdict: CertainField) => ProjectedValue;
    /** Given for a root field of a mutation. */
    coordinate?: string | undefined;
  },
): FieldGuard {
  const requires = verdict.requires.map(({ condition }) => condition);
  const choices = verdict.choices.map((choice) => ({
    condition: choice.isCertain ? undefined : choice.clause.condition,
    value: about.toValue(toCertain(choice)),
  }));
  const asked = [...requires, ...verdict.choices.flatMap(numberOf)];
  const asksForArguments = asked.some((one) => policy.perUse.get(one)?.asksForArguments);
  const { coordinate, definition, node } = about;
  const guard = { requires, choices, keys: place.look(policy, asked), node };
  const isRead = asked.some((one) => policy.perUse.get(one)?.before !== undefined);
  // A write below the root runs together with its surroundings, so nothing can be read before it.
  if (isRead !== (coordinate !== undefined)) throw new Error('a write without its read');
  if (coordinate === undefined) {
    return { ...guard, definition: asksForArguments ? definition : undefined };
  }
  return { ...guard, before: planReads(policy, coordinate, asked), definition };
}

const numberOf = ({ isCertain, clause }: Choice): number[] => (isCertain ? [] : [clause.condition]);

/** The requirements on each object of the place's type; undefined if all are known to hold. */
export function planObjectGuard(
  policy: Policy,
  place: GuardedPlace,
  answers: Answers,
): ObjectGuard | undefined {
  const open = (policy.objects.get(place.type.name) ?? []).filter(
    ({ condition }) => !answers.holds(condition),
  );
  if (open.length === 0) return undefined;
  // Dropping comes first: an object that is to be left out of its list must not be revealed by a
  // refusal.
  const requires = open.toSorted((one, other) => Number(other.drops) - Number(one.drops));
  const keys = place.look(
    policy,
    requires.map(({ condition }) => condition),
  );
  return { requires: requires.map(({ condition, drops }) => ({ condition, drops })), keys };
}
