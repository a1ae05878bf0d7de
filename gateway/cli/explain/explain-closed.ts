/**
 * Finds coordinates of a document and its variables that exist in the unified graph but for no
 * caller: fields that no rule lists, and pinned arguments and input fields. Callers are told that
 * these do not exist; the author of the rules is told which, and why.
 */
import {
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  Kind,
  type ObjectFieldNode,
  parse,
  TypeInfo,
  type TypeNode,
  type VariableDefinitionNode,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { Policy } from '../../authorize/policy.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';

export interface ClosedPlace {
  readonly code: 'unlisted' | 'pinned';
  readonly coordinate: string;
  readonly message: string;
}

/** Each coordinate once, in document order; the document must parse. */
export function closedIn(
  text: string,
  variables: Readonly<Record<string, unknown>>,
  { executable, policy, limits, public: { schema } }: Snapshot,
): readonly ClosedPlace[] {
  const found = new Map<string, ClosedPlace>();
  const pinned = pinnedBy(policy);
  const add = (coordinate: string): void => {
    found.set(coordinate, toPlace(coordinate, pinned.get(coordinate)));
  };
  const types = new TypeInfo(executable);
  const Field = ({ arguments: given = [] }: FieldNode): void => {
    const field = types.getFieldDef();
    const coordinate = `${types.getParentType()?.name}.${field?.name}`;
    if (policy.fields.get(coordinate)?.listed === false) add(coordinate);
    const pins = given.map(({ name }) => `${coordinate}(${name.value}:)`);
    for (const pin of pins) if (pinned.has(pin)) add(pin);
  };
  const addInput = (parent: string, name: string): void => {
    if (hasInput(executable, parent, name) && !hasInput(schema, parent, name)) {
      add(`${parent}.${name}`);
    }
  };
  const ObjectField = ({ name }: ObjectFieldNode): void => {
    const parent = getNamedType(types.getParentInputType());
    if (parent) addInput(parent.name, name.value);
  };
  const VariableDefinition = ({ variable, type }: VariableDefinitionNode): void => {
    const { value } = variable.name;
    const sent = Object.hasOwn(variables, value) ? variables[value] : undefined;
    for (const [parent, name] of inputsIn(sent, typeOf(executable, type))) addInput(parent, name);
  };
  const visitor = visitWithTypeInfo(types, { Field, ObjectField, VariableDefinition });
  visit(parse(text, { maxTokens: limits.tokens }), visitor);
  return [...found.values()];
}

function typeOf(schema: GraphQLSchema, node: TypeNode): GraphQLNamedType | undefined {
  return node.kind === Kind.NAMED_TYPE
    ? schema.getType(node.name.value)
    : typeOf(schema, node.type);
}

/** The input fields present in a value, each by type and name. */
function* inputsIn(
  value: unknown,
  type: GraphQLNamedType | undefined,
): Generator<readonly [type: string, name: string]> {
  if (Array.isArray(value)) for (const one of value) yield* inputsIn(one, type);
  else if (isInputObjectType(type) && typeof value === 'object' && value !== null) {
    const fields = type.getFields();
    for (const [name, inner] of Object.entries(value)) {
      if (!Object.hasOwn(fields, name)) continue;
      yield [type.name, name];
      yield* inputsIn(inner, getNamedType(fields[name]?.type));
    }
  }
}

function toPlace(coordinate: string, rule: string | undefined): ClosedPlace {
  return rule === undefined
    ? {
        code: 'unlisted',
        coordinate,
        message: `${coordinate} does not exist for callers: no rule lists it`,
      }
    : {
        code: 'pinned',
        coordinate,
        message: `${coordinate} is fixed from the token: rule ${rule} pins it, so leave it out`,
      };
}

/** The rule that pins each argument or input field, by coordinate. */
function pinnedBy({ pins, inputPins }: Policy): ReadonlyMap<string, string> {
  const whole = [...pins.values()].flat();
  const inner = [...inputPins.values()].flat();
  return new Map([
    ...whole.map(({ coordinate, rule }) => [coordinate, rule.name] as const),
    ...inner.map(({ hides, rule }) => [hides, rule.name] as const),
  ]);
}

function hasInput(schema: GraphQLSchema, typeName: string, name: string): boolean {
  const type = schema.getType(typeName);
  return isInputObjectType(type) && Object.hasOwn(type.getFields(), name);
}
