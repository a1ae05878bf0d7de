/**
 * Plans the fields of an operation, from the root down: decides each at each concrete type that can
 * occur there, and writes what is fetched for it beside what the caller gets of it.
 */
import {
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isObjectType,
  Kind,
  OperationTypeNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { Refusal } from '../../decision.ts';
import { collectFields } from '../../graph/collect-fields.ts';
import type { ObjectGuard, ProjectedSelection, ProjectedValue } from '../../plan/plan.ts';
import { ClassifiedSlots } from '../classified-slots.ts';
import {
  decideField,
  type FieldVerdict,
  type GrantedField,
  withoutObjects,
} from '../decide-field.ts';
import { wholeField } from './plan-arguments.ts';
import { GuardedPlace, planFieldGuard, planObjectGuard } from './plan-guards.ts';
import type { PlanInput } from './plan-input.ts';
import { PlanNotes } from './plan-notes.ts';
import { PlanPins } from './plan-pins.ts';
import { toProjection } from './plan-projection.ts';
import { type PlannedField, toNode, toSelections } from './plan-selections.ts';
import { planSubject } from './plan-subject.ts';
import { type CertainField, type GrantedValue, toProjectedValue } from './plan-value.ts';
import { type Rejected, refuseWhole } from './refuse-whole.ts';

/** Ends the recursion: the whole operation is refused. */
export class PlanStop {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    this.refusal = refusal;
  }
}

interface Planned {
  readonly projection: ProjectedSelection;
  readonly selections: readonly SelectionNode[];
  /** Whether it holds classified values whose data subject no object in it names. */
  readonly unowned: boolean;
}

/** One for each plan; its methods throw PlanStop. */
export class FieldPlanner {
  readonly notes: PlanNotes;
  readonly slots: ClassifiedSlots;
  readonly pins: PlanPins;
  /** Under the keys of their own that the projection reads. */
  readonly introspected: FieldNode[] = [];
  /**
   * Rejected coordinates that a new sign-in would open: they refuse the operation once all are
   * known.
   */
  readonly waiting: Rejected[] = [];
  readonly #input: PlanInput;
  #fields = 0;

  constructor(input: PlanInput) {
    this.#input = input;
    this.notes = new PlanNotes(input.policy);
    this.slots = new ClassifiedSlots(input.policy);
    this.pins = new PlanPins(input.policy, input.operation);
  }

  /** The fields of `sets` on `type`, whose objects are found at `coordinate`. */
  selection(
    type: GraphQLNamedType,
    sets: readonly SelectionSetNode[],
    coordinate: string,
    above: GuardedPlace | undefined,
  ): Planned {
    const possible = this.#possibleTypes(type);
    const perType = possible.map((concrete, position) => {
      const index = possible.length > 1 ? position : undefined;
      const place = new GuardedPlace(concrete, index, above);
      const guard = this.#objectGuard(place, coordinate);
      const fields = this.#fieldsOf(place, sets, index);
      const holdsClassified = fields.some((one) => one.unowned === true);
      const subject = holdsClassified
        ? planSubject(this.#input.subjects, concrete, fields, index)
        : undefined;
      const unowned = holdsClassified && subject === undefined;
      return { concrete, fields, subject, unowned, guard, place };
    });
    // Read after the fields below are planned, because they may look at the objects here.
    const asked = perType.map((one) => ({ ...one, looked: one.place.nodes() }));
    return {
      projection: toProjection(type, coordinate, perType),
      selections: toSelections(type, asked, this.#input.executable),
      unowned: perType.some((one) => one.unowned),
    };
  }

  #objectGuard(place: GuardedPlace, coordinate: string): ObjectGuard | undefined {
    const { policy, grants } = this.#input;
    const guard = planObjectGuard(policy, place, grants);
    if (guard === undefined) return undefined;
    const clauses = policy.objects.get(place.type.name) ?? [];
    const [asked] = guard.requires;
    const clause = clauses.find(({ condition }) => condition === asked?.condition);
    this.notes.objectsOf(coordinate, clause);
    return guard;
  }

  #possibleTypes(type: GraphQLNamedType): readonly GraphQLObjectType[] {
    if (isObjectType(type)) return [type];
    return isAbstractType(type) ? this.#input.schema.getPossibleTypes(type) : [];
  }

  #fieldsOf(
    place: GuardedPlace,
    sets: readonly SelectionSetNode[],
    index: number | undefined,
  ): PlannedField[] {
    const collected = collectFields(this.#input, place.type, sets);
    return [...collected].map(([key, nodes]) => this.#field(place, key, nodes, index));
  }

  #field(
    place: GuardedPlace,
    key: string,
    nodes: readonly FieldNode[],
    index: number | undefined,
  ): PlannedField {
    const { type } = place;
    this.#fields += 1;
    const { fieldsMax, room } = this.#input;
    if (room !== undefined) room.fields -= 1;
    if (this.#fields > fieldsMax || (room !== undefined && room.fields < 0)) {
      throw new PlanStop(new Refusal('limits/too-many-fields'));
    }
    const [node] = nodes;
    if (node === undefined) throw new Error('a collected field has a node');
    const name = node.name.value;
    if (name === '__typename') return { field: { kind: 'typename', key }, node: undefined };
    if (name === '__schema' || name === '__type') return this.#introspection(key, nodes);
    const definition = type.getFields()[name];
    if (definition === undefined) throw new Error(`${type.name}.${name} passed validation unseen`);
    const coordinate = `${type.name}.${name}`;
    const verdict = this.#decide(coordinate, definition, node);
    if (verdict.kind === 'refuse') {
      const { coordinate: refused, stepUp } = verdict;
      return { field: { kind: 'denied', key, coordinate: refused, stepUp }, node: undefined };
    }
    this.notes.granted(coordinate, verdict);
    const fixed = this.pins.fix(coordinate, node);
    const granted = { definition, coordinate, key, node: fixed, index };
    return this.#value(granted, withoutObjects(verdict), place, nodes);
  }

  #introspection(key: string, nodes: readonly FieldNode[]): PlannedField {
    if (!this.#input.introspectionAllowed)
      throw new PlanStop(new Refusal('authorize/introspection'));
    // A type may lead back to the root, so the same key may occur in several places.
    const rawKey = `fg${this.introspected.length}_${key}`;
    const alias = { kind: Kind.NAME as const, value: rawKey };
    this.introspected.push(...nodes.map((node) => ({ ...node, alias })));
    return { field: { kind: 'introspection', key, rawKey }, node: undefined };
  }

  #decide(
    coordinate: string,
    definition: GraphQLField<unknown, unknown>,
    node: FieldNode,
  ): FieldVerdict {
    const verdict = decideField(this.#input, coordinate, definition, node);
    if (verdict.kind !== 'refuse') return verdict;
    // The caller's view lacks it, so validation has refused it; FORBIDDEN would reveal that it
    // exists.
    if (verdict.outcome === 'hide') throw new Error('a hidden coordinate passed validation unseen');
    if (verdict.outcome === 'reject') {
      // If a new sign-in would open it, the remaining fields decide whether it would open the whole
      // operation.
      if (verdict.stepUp === undefined) throw new PlanStop(refuseWhole([verdict]));
      this.waiting.push(verdict);
    }
    this.notes.refused(verdict);
    return verdict;
  }

  #value(
    granted: Omit<GrantedValue, 'verdict'>,
    verdict: GrantedField,
    place: GuardedPlace,
    nodes: readonly FieldNode[],
  ): PlannedField {
    const { definition, coordinate, node } = granted;
    const named = getNamedType(definition.type);
    const child = isCompositeType(named)
      ? this.selection(
          named,
          nodes.flatMap((one) => one.selectionSet ?? []),
          coordinate,
          place,
        )
      : undefined;
    const selection = child?.projection;
    const toValue = (certain: CertainField) => {
      const classified = this.slots.of(coordinate, certain);
      return toProjectedValue(
        this.#input,
        { ...granted, verdict: certain },
        { classified, selection },
      );
    };
    const field =
      verdict.kind === 'depends'
        ? this.#guarded(verdict, place, {
            definition: wholeField(this.#input, coordinate, definition),
            // The caller's node: pins have no value here, and no condition looks at them.
            node: nodes[0] ?? node,
            toValue,
            coordinate: this.#isWrite(place) ? coordinate : undefined,
          })
        : toValue(verdict);
    return {
      field,
      node: toNode(node, field.rawKey, child?.selections),
      unowned: field.classified !== undefined || child?.unowned === true,
    };
  }

  /**
   * Key and type are equal for all choices; the guard selects a choice, or none, at each object.
   */
  #guarded(
    verdict: GrantedField & { kind: 'depends' },
    place: GuardedPlace,
    about: Parameters<typeof planFieldGuard>[3],
  ): ProjectedValue {
    const { stepUp } = verdict;
    const planned = planFieldGuard(this.#input.policy, place, verdict, about);
    const guard = stepUp === undefined ? planned : { ...planned, stepUp };
    const [first] = guard.choices;
    if (first === undefined) throw new Error('a field that depends has a choice');
    if (this.#isWrite(place)) this.notes.write(first.value.rawKey, guard);
    return { ...first.value, guard };
  }

  /** Whether the fields there are the root fields of a mutation. */
  #isWrite({ above }: GuardedPlace): boolean {
    return above === undefined && this.#input.operation.operation === OperationTypeNode.MUTATION;
  }
}
