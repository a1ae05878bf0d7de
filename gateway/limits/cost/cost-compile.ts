/**
 * Compiles an operation for cost estimation. Fields are merged per concrete type as execution
 * merges them, so that fragments, aliases and repetition change nothing. Each set of selections is
 * compiled once per type, and the total work is bounded, because documents are attacker-controlled.
 */
import {
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql';
import { type CollectContext, collectFields } from '../../graph/collect-fields.ts';
import { toPinnedNodes, withPinnedArguments } from '../../plan/pinned.ts';
import { readersOf, sizingOf, type VariableValues } from '../list-size.ts';
import { isIntrospection } from '../measure.ts';
import { type Fragments, selectionsOf } from '../merged-fields.ts';
import { inputCostOf } from './cost-inputs.ts';
import { introspectionCost } from './cost-introspection.ts';
import type { Alternative, FieldCost, OperationCost, SetCost } from './cost-program.ts';
import { type CallSource, type CostWeights, listSizeSet, weightSet } from './cost-weights.ts';

export interface CostInput {
  readonly schema: GraphQLSchema;
  readonly fragments: Fragments;
  /** Read only for @skip and @include. */
  readonly variables: VariableValues;
  readonly weights: CostWeights;
  readonly operation: OperationDefinitionNode;
}

/** Most selections visited while compiling; honest operations need a few hundred. */
const stepsMax = 30_000;

/** Undefined if the operation is too complex to be estimated within bounds. */
export function compileCost(input: CostInput): OperationCost | undefined {
  const root = input.schema.getRootType(input.operation.operation);
  if (root == null) return { alternatives: [], isFixed: true, readsPinned: false };
  const compiler = new Compiler(input);
  const standing = { home: undefined, sized: [] };
  const { alternatives } = compiler.setOf([input.operation.selectionSet], root, standing);
  const { isExhausted, isFixed, readsPinned } = compiler;
  return isExhausted ? undefined : { alternatives, isFixed, readsPinned };
}

/** The position of a set of selections. */
interface Standing {
  /** The upstream that the object came from; undefined at the root. */
  readonly home: string | undefined;
  /** Fields that inherit the size asked of the parent field. */
  readonly sized: readonly string[];
}

class Compiler {
  isFixed = true;
  readsPinned = false;
  readonly #input: CostInput;
  readonly #context: CollectContext;
  readonly #ids = new Map<SelectionSetNode, number>();
  readonly #sets = new Map<string, SetCost>();
  #steps = 0;
  readonly #look = (selections: number): boolean => {
    this.#steps += 1 + selections;
    return !this.isExhausted;
  };

  constructor(input: CostInput) {
    this.#input = input;
    const { schema, fragments, variables } = input;
    this.#context = { schema, fragments, isTrue: (name) => variables[name] === true };
  }

  get isExhausted(): boolean {
    return this.#steps > stepsMax;
  }

  setOf(
    sets: readonly SelectionSetNode[],
    type: GraphQLCompositeType,
    standing: Standing,
  ): SetCost {
    const ids = sets.map((set) => this.#idOf(set));
    const key = `${ids} ${type.name} ${standing.home} ${standing.sized}`;
    const found = this.#sets.get(key);
    if (found !== undefined) return found;
    const types = isAbstractType(type) ? this.#input.schema.getPossibleTypes(type) : [type];
    const alternatives: Alternative[] = [];
    for (const one of types) {
      if (this.isExhausted) break;
      alternatives.push(this.#alternativeOf(sets, one, standing));
    }
    const set = { alternatives };
    this.#sets.set(key, set);
    return set;
  }

  #idOf(set: SelectionSetNode): number {
    const id = this.#ids.get(set) ?? this.#ids.size;
    this.#ids.set(set, id);
    return id;
  }

  #alternativeOf(
    sets: readonly SelectionSetNode[],
    type: GraphQLObjectType,
    standing: Standing,
  ): Alternative {
    const { weights } = this.#input;
    const isRoot = standing.home === undefined;
    const calls = new Map<string, CallSource>();
    const fields: FieldCost[] = [];
    let rootCalls = 0;
    for (const nodes of collectFields(this.#context, type, sets, this.#look).values()) {
      if (this.isExhausted) break;
      const name = nodes[0]?.name.value ?? '';
      const field = type.getFields()[name];
      if (field === undefined) fields.push(this.#metaField(name, nodes));
      else {
        rootCalls += 1;
        const call = this.#callOf(`${type.name}.${name}`, standing.home);
        if (call !== undefined) calls.set(`${call.upstream} ${call.batched}`, call);
        const home = call?.upstream ?? standing.home ?? '';
        fields.push(this.#fieldOf({ type, field, nodes, home, sized: standing.sized }));
      }
    }
    // Each root field is a call of its own; below an object, one call brings all missing fields.
    const batched = isRoot ? 0 : [...calls.values()].filter((call) => call.batched).length;
    const each = isRoot ? rootCalls : calls.size - batched;
    return {
      typeWeight: isRoot ? 0 : (weights.weights.get(type.name) ?? 1),
      fields,
      callsEach: each * weights.upstreamCall,
      callsOnce: batched * weights.upstreamCall,
    };
  }

  #fieldOf(at: {
    type: GraphQLObjectType;
    field: GraphQLField<unknown, unknown>;
    nodes: readonly FieldNode[];
    home: string;
    sized: readonly string[];
  }): FieldCost {
    const { weights } = this.#input;
    const { type, nodes } = at;
    const coordinate = `${type.name}.${at.field.name}`;
    const pinned = weights.pinned?.get(coordinate);
    if (pinned !== undefined) this.readsPinned = true;
    const field = withPinnedArguments(at.field, pinned);
    const given = [...(nodes[0]?.arguments ?? []), ...toPinnedNodes(coordinate, pinned)];
    const sizing = sizingOf(listSizeSet(weights, type, field.name), weights, field);
    const named = getNamedType(field.type);
    const list = sizing && {
      readers: readersOf(sizing, weights, field, given),
      assumed: sizing.assumed,
      passes: sizing.sizedFields.length > 0,
      inherits: at.sized.includes(field.name),
    };
    const input = inputCostOf(weights, coordinate, field, given);
    if (input !== undefined || (list !== undefined && list.readers.length > 0))
      this.isFixed = false;
    const standing = { home: at.home, sized: sizing?.sizedFields ?? [] };
    return {
      coordinate,
      weight:
        (weightSet(weights, type, field.name) ?? 0) +
        this.#mutationWeight(type) +
        (weights.reads?.get(coordinate) ?? 0),
      input,
      list,
      leafWeight: isCompositeType(named) ? 0 : (weights.weights.get(named.name) ?? 0),
      below: isCompositeType(named) ? this.setOf(selectionsOf(nodes), named, standing) : undefined,
    };
  }

  #mutationWeight(type: GraphQLObjectType): number {
    const { schema, operation, weights } = this.#input;
    const isRoot = type === schema.getMutationType();
    return isRoot && operation.operation === OperationTypeNode.MUTATION ? weights.mutation : 0;
  }

  /** The call that brings a field to an object from `home`; undefined if `home` has the field. */
  #callOf(coordinate: string, home: string | undefined): CallSource | undefined {
    const { sources, links } = this.#input.weights;
    const link = links.get(coordinate);
    if (link !== undefined) return link;
    const found = sources.get(coordinate) ?? [];
    return found.some(({ upstream }) => upstream === home) ? undefined : found[0];
  }

  #metaField(name: string, nodes: readonly FieldNode[]): FieldCost {
    const [node] = nodes;
    const isFree = node === undefined || !isIntrospection(node);
    return {
      coordinate: name,
      weight: isFree ? 0 : introspectionCost(nodes, this.#context, this.#look),
      input: undefined,
      list: undefined,
      leafWeight: 0,
      below: undefined,
    };
  }
}
