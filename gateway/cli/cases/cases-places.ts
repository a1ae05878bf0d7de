/**
 * Lists the places of an operation: every field at each concrete type, its inputs and its parent
 * field. Matches the fields of a plan over the whole graph.
 */
import {
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
  type SelectionSetNode,
} from 'graphql';
import { isAbsent } from '../../authorize/operation/empty-inputs.ts';
import { usesOfLiteral, usesOfVariables } from '../../authorize/operation/used-inputs.ts';
import type { CoordinatePolicy, Policy } from '../../authorize/policy.ts';
import { coordinatesIn } from '../../authorize/schema-coordinates.ts';
import { type CollectContext, collectFields } from '../../graph/collect-fields.ts';
import type { ExplainQuestion } from '../explain/explain-question.ts';

type Field = GraphQLField<unknown, unknown>;

export interface Place {
  /** `Type.field` of a concrete type. */
  readonly coordinate: string;
  /** Arguments, input fields and enum values given there. */
  readonly inputs: readonly string[];
  readonly above: Place | undefined;
}

/** Equals the limit on fields in a plan. */
const placesMax = 20_000;

/** Parents before children, in the order of the query; undefined if there are too many. */
export function placesIn(
  schema: GraphQLSchema,
  { operation, fragments, variables }: ExplainQuestion,
): readonly Place[] | undefined {
  const everyInput = withEveryInput(schema);
  const collecting: CollectContext = {
    schema,
    fragments,
    isTrue: (name) => variables.coerced[name] === true,
  };
  const uses = usesOfVariables(schema, everyInput, operation, variables.raw);
  const inputsOf = (coordinate: string, field: Field, node: FieldNode): readonly string[] => {
    const inputs = new Set<string>();
    for (const { name, value } of node.arguments ?? []) {
      const argument = field.args.find((one) => one.name === name.value);
      if (argument === undefined || isAbsent(value, uses)) continue;
      inputs.add(`${coordinate}(${argument.name}:)`);
      usesOfLiteral(everyInput, argument.type, value, uses, inputs);
    }
    return [...inputs];
  };
  const places: Place[] = [];
  const visit = (
    type: GraphQLNamedType,
    sets: readonly SelectionSetNode[],
    above: Place | undefined,
  ): void => {
    for (const concrete of possibleTypes(schema, type)) {
      for (const nodes of collectFields(collecting, concrete, sets).values()) {
        const [node] = nodes;
        const field = node && fieldOf(concrete, node.name.value);
        if (node === undefined || field === undefined || places.length > placesMax) continue;
        const coordinate = `${concrete.name}.${field.name}`;
        const inputs = inputsOf(coordinate, field, node);
        const place = { coordinate, inputs, above };
        places.push(place);
        const below = nodes.flatMap((one) => one.selectionSet ?? []);
        if (below.length > 0) visit(getNamedType(field.type), below, place);
      }
    }
  };
  const root = schema.getRootType(operation.operation);
  if (root) visit(root, [operation.selectionSet], undefined);
  return places.length > placesMax ? undefined : places;
}

/** A place and its ancestors, innermost first. */
export function chainOf(place: Place): readonly Place[] {
  const chain: Place[] = [];
  for (let one: Place | undefined = place; one !== undefined; one = one.above) chain.push(one);
  return chain;
}

export const coordinatesAt = ({ coordinate, inputs }: Place): readonly string[] => [
  coordinate,
  ...inputs,
];

const possibleTypes = (
  schema: GraphQLSchema,
  type: GraphQLNamedType,
): readonly GraphQLObjectType[] => {
  if (isObjectType(type)) return [type];
  return isAbstractType(type) ? schema.getPossibleTypes(type) : [];
};

function fieldOf(type: GraphQLObjectType, name: string): Field | undefined {
  const fields = type.getFields();
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** A policy that lists every input, so that the search for used inputs finds all of them. */
function withEveryInput(schema: GraphQLSchema): Policy {
  const known = policies.get(schema);
  if (known !== undefined) return known;
  const inputs = new Map(coordinatesIn(schema).map((one) => [one, unruled]));
  const policy: Policy = {
    conditions: [],
    inForce: 0,
    perUse: new Map(),
    objects: new Map(),
    keepsBack: new Map(),
    looked: new Set(),
    fields: new Map(),
    inputs,
    filters: new Map(),
    defaults: new Map(),
    hasServiceDefaults: false,
    freeFilters: new Map(),
    pins: new Map(),
    inputPins: new Map(),
    writable: new Set(),
    writes: new Map(),
    makes: new Set(),
    shadows: [],
  };
  policies.set(schema, policy);
  return policy;
}

const policies = new WeakMap<GraphQLSchema, Policy>();

const unruled: CoordinatePolicy = {
  coordinate: '',
  classes: [],
  grants: [],
  requires: [],
  forbid: undefined,
  masks: [],
  outcome: 'deny',
  listed: false,
  guaranteed: false,
  broadOnly: false,
};
