/**
 * Rewrites one operation for one set of grants: what is refused is taken out before anything is
 * fetched, and a projection remembers how the caller spelled it all.
 *
 * Works per concrete type: a field reached through an interface or a union is decided at each
 * type that can stand there. Pure; the result is cached by the caller of this file. Fails closed:
 * a coordinate that the policy does not know is refused.
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
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { type CollectContext, collectFields } from '../collect-fields.ts';
import { allOf } from '../conditions/step-up.ts';
import { type Denial, Refusal } from '../decision.ts';
import type { AuthorizedOperation, ProjectedSelection, SubjectKey } from '../plan.ts';
import type { StepUp } from '../step-up.ts';
import { ClassifiedSlots } from './classified-slots.ts';
import type { Decide } from './decide.ts';
import { decideField, type FieldVerdict } from './decide-field.ts';
import type { Grants } from './grants.ts';
import { toExecutableDocument, toIntrospectionDocument } from './plan-document.ts';
import { PlanPins } from './plan-pins.ts';
import { type PlannedField, toNode, toSelections } from './plan-selections.ts';
import { planSubject, type SubjectFields } from './plan-subject.ts';
import { type GrantedValue, type PlanValueContext, toProjectedValue } from './plan-value.ts';
import type { VariableUse } from './used-inputs.ts';

export interface PlanInput extends CollectContext, PlanValueContext {
  readonly decide: Decide;
  readonly grants: Grants;
  readonly operation: OperationDefinitionNode;
  readonly variables: ReadonlyMap<string, VariableUse>;
  readonly introspectionAllowed: boolean;
  /** Whose data objects are. */
  readonly subjects: SubjectFields;
  /** Fields that a plan may have, over all concrete types. */
  readonly fieldsMax: number;
}

/** The authorised operation, or the refusal of all of it. */
export function planOperation(input: PlanInput): AuthorizedOperation | Refusal {
  const planner = new Planner(input);
  try {
    return planner.plan();
  } catch (stop) {
    if (stop instanceof Stop) return stop.refusal;
    throw stop;
  }
}

/** A coordinate that refuses the whole operation. */
interface Rejected {
  readonly coordinate: string;
  readonly denial: Denial | undefined;
  readonly stepUp: StepUp | undefined;
}

/** Leaves the recursion; never leaves this file. */
class Stop {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    this.refusal = refusal;
  }
}

interface Planned {
  readonly projection: ProjectedSelection;
  readonly selections: readonly SelectionNode[];
  /** Whether something classified is in it that no object in it owns. */
  readonly unowned: boolean;
}

class Planner {
  private readonly input: PlanInput;
  private readonly denied = new Set<string>();
  private readonly masked = new Set<string>();
  private readonly allowed = new Set<string>();
  private readonly slots: ClassifiedSlots;
  private readonly pins: PlanPins;
  private readonly denials = new Map<string, Denial>();
  private readonly introspected: FieldNode[] = [];
  /** What refuses everything until the caller signs in anew. */
  private readonly waiting: Rejected[] = [];
  private fields = 0;

  constructor(input: PlanInput) {
    this.input = input;
    this.slots = new ClassifiedSlots(input.policy);
    this.pins = new PlanPins(input.policy, input.operation);
  }

  plan(): AuthorizedOperation {
    const { operation, schema } = this.input;
    const root = schema.getRootType(operation.operation);
    if (root === undefined || root === null) throw new Error(`no ${operation.operation} type`);
    const planned = this.selection(root, [operation.selectionSet], root.name);
    const isQuery = operation.operation === OperationTypeNode.QUERY;
    const roots = isQuery ? [] : this.deniedRoots(planned.projection);
    const rejected = [...this.waiting, ...roots];
    if (rejected.length > 0) throw new Stop(refuseWhole(rejected));
    const ours = this.pins.definitions();
    const document = toExecutableDocument(operation, planned.selections, ours);
    return {
      type: operation.operation,
      document: document?.document,
      variableNames: document?.variableNames ?? [],
      pins: this.pins.variables(),
      introspection: toIntrospectionDocument(operation, this.introspected, this.input.fragments),
      projection: planned.projection,
      denied: [...this.denied],
      masked: [...this.masked],
      allowed: [...this.allowed],
      classified: this.slots.all(),
      denials: [...this.denials.values()],
    };
  }

  /** A write that may not happen must not leave its neighbours done. */
  private deniedRoots({ byType }: ProjectedSelection): Rejected[] {
    return [...byType.values()].flat().flatMap((field) => {
      if (field.kind !== 'denied') return [];
      const { coordinate, stepUp } = field;
      return [{ coordinate, stepUp, denial: this.denials.get(coordinate) }];
    });
  }

  private selection(
    type: GraphQLNamedType,
    sets: readonly SelectionSetNode[],
    coordinate: string,
  ): Planned {
    const possible = this.possibleTypes(type);
    const perType = possible.map((concrete, position) => {
      const index = possible.length > 1 ? position : undefined;
      const fields = this.fieldsOf(concrete, sets, index);
      const holdsClassified = fields.some((one) => one.unowned === true);
      const subject = holdsClassified
        ? planSubject(this.input.subjects, concrete, fields, index)
        : undefined;
      return { concrete, fields, subject, unowned: holdsClassified && subject === undefined };
    });
    const byType = new Map(
      perType.map(({ concrete, fields }) => [concrete.name, fields.map((one) => one.field)]),
    );
    const subjects = new Map<string, SubjectKey>();
    for (const { concrete, subject } of perType) {
      if (subject !== undefined) subjects.set(concrete.name, subject.key);
    }
    const typeName = isObjectType(type) ? type.name : undefined;
    return {
      projection: { typeName, byType, coordinate, ...(subjects.size > 0 && { subjects }) },
      selections: toSelections(type, perType, this.input.executable),
      unowned: perType.some((one) => one.unowned),
    };
  }

  private possibleTypes(type: GraphQLNamedType): readonly GraphQLObjectType[] {
    if (isObjectType(type)) return [type];
    return isAbstractType(type) ? this.input.schema.getPossibleTypes(type) : [];
  }

  private fieldsOf(
    type: GraphQLObjectType,
    sets: readonly SelectionSetNode[],
    index: number | undefined,
  ): PlannedField[] {
    const collected = collectFields(this.input, type, sets);
    return [...collected].map(([key, nodes]) => this.field(type, key, nodes, index));
  }

  private field(
    type: GraphQLObjectType,
    key: string,
    nodes: readonly FieldNode[],
    index: number | undefined,
  ): PlannedField {
    this.fields += 1;
    if (this.fields > this.input.fieldsMax) throw new Stop(new Refusal('limits/too-many-fields'));
    const [node] = nodes;
    if (node === undefined) throw new Error('a collected field has a node');
    const name = node.name.value;
    if (name === '__typename') return { field: { kind: 'typename', key }, node: undefined };
    if (name === '__schema' || name === '__type') return this.introspection(key, nodes);
    const definition = type.getFields()[name];
    if (definition === undefined) throw new Error(`${type.name}.${name} passed validation unseen`);
    const coordinate = `${type.name}.${name}`;
    const verdict = this.decide(coordinate, definition, node);
    if (verdict.kind === 'refuse') {
      const { coordinate: refused, stepUp } = verdict;
      return { field: { kind: 'denied', key, coordinate: refused, stepUp }, node: undefined };
    }
    (verdict.kind === 'mask' ? this.masked : this.allowed).add(coordinate);
    const fixed = this.pins.fix(coordinate, node);
    return this.value({ definition, coordinate, key, node: fixed, index, verdict }, nodes);
  }

  private introspection(key: string, nodes: readonly FieldNode[]): PlannedField {
    if (!this.input.introspectionAllowed) throw new Stop(new Refusal('authorize/introspection'));
    // A type may lead back to the root: the same key stands in several places then.
    const rawKey = `fg${this.introspected.length}_${key}`;
    const alias = { kind: Kind.NAME as const, value: rawKey };
    this.introspected.push(...nodes.map((node) => ({ ...node, alias })));
    return { field: { kind: 'introspection', key, rawKey }, node: undefined };
  }

  private decide(
    coordinate: string,
    definition: GraphQLField<unknown, unknown>,
    node: FieldNode,
  ): FieldVerdict {
    const verdict = decideField(this.input, coordinate, definition, node);
    if (verdict.kind !== 'refuse') return verdict;
    // Its view does not have it, so validation has refused it: to say FORBIDDEN would tell of it.
    if (verdict.outcome === 'hide') throw new Error('a hidden coordinate passed validation unseen');
    if (verdict.outcome === 'reject') {
      // Where a new sign-in would do, the rest decides whether it would do for all of it.
      if (verdict.stepUp === undefined) throw new Stop(refuseWhole([verdict]));
      this.waiting.push(verdict);
    }
    this.denied.add(verdict.coordinate);
    this.denials.set(verdict.coordinate, verdict.denial);
    return verdict;
  }

  private value(granted: GrantedValue, nodes: readonly FieldNode[]): PlannedField {
    const { definition, coordinate, node, verdict } = granted;
    const named = getNamedType(definition.type);
    const child = isCompositeType(named)
      ? this.selection(
          named,
          nodes.flatMap((one) => one.selectionSet ?? []),
          coordinate,
        )
      : undefined;
    const classified = this.slots.of(coordinate, verdict);
    const selection = child?.projection;
    const field = toProjectedValue(this.input, granted, { classified, selection });
    return {
      field,
      node: toNode(node, field.rawKey, child?.selections),
      unowned: classified !== undefined || child?.unowned === true,
    };
  }
}

/** Asks for the sign-in that lets all of it through, and is a plain refusal where there is none. */
function refuseWhole(rejected: readonly Rejected[]): Refusal {
  const [stepUp] = allOf(rejected.map((one) => (one.stepUp === undefined ? [] : [one.stepUp])));
  // The first is what the caller is told of: one that no sign-in opens, where there is one.
  const order = (one: Rejected): number => (one.stepUp === undefined ? 0 : 1);
  const sorted = rejected.toSorted((one, other) => order(one) - order(other));
  const coordinates = sorted.map(({ coordinate }) => coordinate);
  const denials = sorted.flatMap(({ denial }) => denial ?? []);
  if (stepUp === undefined) return new Refusal('authorize/denied', { coordinates, denials });
  return new Refusal('authorize/step-up', { coordinates, denials, stepUp });
}
