/**
 * What a plan adds where objects decide: the guards of fields and of objects, and what their
 * conditions look at, which is fetched under keys of ours and is no part of the projection.
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
  /** What stands before its keys; the index tells implementations apart. */
  readonly prefix: string;
  /** The object above, as it is planned; undefined for a root. */
  readonly above: GuardedPlace | undefined;
  private readonly names = new Set<string>();

  constructor(type: GraphQLObjectType, index: number | undefined, above: GuardedPlace | undefined) {
    this.type = type;
    this.prefix = `fgw${index ?? ''}_`;
    this.above = above;
  }

  /** Fields to be asked for in addition. */
  nodes(): FieldNode[] {
    return [...this.names].map((name) => toAliased(`${this.prefix}${name}`, name));
  }

  /** Where conditions with these numbers find what they look at, which is fetched from now on. */
  look(policy: Policy, conditions: readonly number[]): GuardKeys {
    for (const number of conditions) {
      const { object = [], parent = [] } = policy.perUse.get(number) ?? {};
      for (const name of object) this.add(policy, name);
      for (const name of parent) this.above?.add(policy, name);
    }
    return { object: this.prefix, parent: this.above?.prefix ?? '' };
  }

  /** What a type has not, its objects do not say: the condition cannot be evaluated there. */
  private add(policy: Policy, name: string): void {
    const field = this.type.getFields()[name];
    const isKnown = policy.looked.has(`${this.type.name}.${name}`);
    if (isKnown && (field === undefined || isLeafType(getNamedType(field.type)))) {
      this.names.add(name);
    }
  }
}

/** The guard of a field that objects decide, and the value that each choice stands for. */
export function planFieldGuard(
  policy: Policy,
  place: GuardedPlace,
  verdict: Verdict & { kind: 'depends' },
  about: Pick<FieldGuard, 'definition' | 'node'> & {
    toValue: (verdict: CertainField) => ProjectedValue;
    /** Of a root field of a mutation. */
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
  // A write that stands elsewhere is done with what is around it: nothing can be read before.
  if (isRead !== (coordinate !== undefined)) throw new Error('a write without its read');
  if (coordinate === undefined) {
    return { ...guard, definition: asksForArguments ? definition : undefined };
  }
  return { ...guard, before: planReads(policy, coordinate, asked), definition };
}

const numberOf = ({ isCertain, clause }: Choice): number[] => (isCertain ? [] : [clause.condition]);

/** What must hold of each object of the place's type; undefined where nothing is left to ask. */
export function planObjectGuard(
  policy: Policy,
  place: GuardedPlace,
  answers: Answers,
): ObjectGuard | undefined {
  const open = (policy.objects.get(place.type.name) ?? []).filter(
    ({ condition }) => !answers.holds(condition),
  );
  if (open.length === 0) return undefined;
  // An object that leaves its list does so whatever else is asked of it: a refusal would tell of it.
  const requires = open.toSorted((one, other) => Number(other.drops) - Number(one.drops));
  const keys = place.look(
    policy,
    requires.map(({ condition }) => condition),
  );
  return { requires: requires.map(({ condition, drops }) => ({ condition, drops })), keys };
}
