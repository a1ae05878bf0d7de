/**
 * Puts input fields that are fixed from the token into the arguments of one plan: into a written
 * object as one more field, in place of a caller's variable as a variable of the gateway's own with
 * that value and the claim inside, and in place of nothing as a new object. The values are read at
 * each request: the plan holds none.
 */
import {
  type ArgumentNode,
  type ConstValueNode,
  type FieldNode,
  type GraphQLInputType,
  GraphQLNonNull,
  getNamedType,
  getNullableType,
  isInputObjectType,
  Kind,
  type ObjectFieldNode,
  type OperationDefinitionNode,
  parseType,
  type ValueNode,
  type VariableDefinitionNode,
  valueFromASTUntyped,
} from 'graphql';
import { toVariable } from '../../plan/own-variables.ts';
import type { PinnedVariable } from '../../plan/pinned.ts';
import type { InputPin } from '../compile-input-pins.ts';

type Operation = Pick<OperationDefinitionNode, 'variableDefinitions'>;

/**
 * Collects the gateway's variables that hold pins; `toName` gives names distinct from those of
 * whole arguments.
 */
export class PlanInputPins {
  readonly #operation: Operation;
  readonly #toName: () => string;
  readonly #entries = new Map<string, PinnedVariable>();
  readonly #types = new Map<string, GraphQLInputType>();
  /**
   * Names of the gateway's variables, by the caller's variable that each derives from and its
   * place.
   */
  readonly #known = new Map<string, string>();

  constructor(operation: Operation, toName: () => string) {
    this.#operation = operation;
    this.#toName = toName;
  }

  fix(node: FieldNode, pins: readonly InputPin[]): FieldNode {
    let given = node.arguments ?? [];
    for (const pin of pins) {
      const { name } = pin.argument;
      const own = given.find((one) => one.name.value === name);
      const value = this.#put(own?.value, pin, 0);
      const fixed: ArgumentNode = {
        kind: Kind.ARGUMENT,
        name: { kind: Kind.NAME, value: name },
        value,
      };
      given =
        own === undefined ? [...given, fixed] : given.map((one) => (one === own ? fixed : one));
    }
    return { ...node, arguments: given };
  }

  variables(): readonly PinnedVariable[] {
    return [...this.#entries.values()];
  }

  definitions(): readonly VariableDefinitionNode[] {
    return [...this.#types].map(([name, type]) => ({
      kind: Kind.VARIABLE_DEFINITION,
      variable: toVariable(name),
      type: parseType(String(new GraphQLNonNull(getNullableType(type)))),
    }));
  }

  /** The value at this depth of the pin's path, with the pin put into it. */
  #put(value: ValueNode | undefined, pin: InputPin, depth: number): ValueNode {
    const step = pin.path[depth];
    if (step === undefined) return this.#leaf(pin);
    if (value?.kind === Kind.VARIABLE) return this.#inVariable(value.name.value, pin, depth);
    const fields = value?.kind === Kind.OBJECT ? value.fields : [];
    const own = fields.find((one) => one.name.value === step);
    const fixed: ObjectFieldNode = {
      kind: Kind.OBJECT_FIELD,
      name: { kind: Kind.NAME, value: step },
      value: this.#put(own?.value, pin, depth + 1),
    };
    return { kind: Kind.OBJECT, fields: [...fields.filter((one) => one !== own), fixed] };
  }

  /** The claim alone, as a variable of the input field's type. */
  #leaf(pin: InputPin): ValueNode {
    const name = this.#variableFor(pin.coordinate, pin.leafType);
    this.#note(name, pin, undefined);
    return toVariable(name);
  }

  #inVariable(from: string, pin: InputPin, depth: number): ValueNode {
    const type = pin.types[depth] ?? pin.leafType;
    const isOurs = this.#types.has(from);
    const name = isOurs
      ? from
      : this.#variableFor(`$${from} as ${String(type)} of ${wayOf(pin, depth)}`, type);
    const into = isOurs ? undefined : this.#givenBy(from, type);
    this.#note(name, pin, { ...into, path: pin.path.slice(depth) });
    return toVariable(name);
  }

  #variableFor(key: string, type: GraphQLInputType): string {
    const name = this.#known.get(key) ?? this.#toName();
    this.#known.set(key, name);
    this.#types.set(name, type);
    return name;
  }

  #note(variable: string, pin: InputPin, into: PinnedVariable['into']): void {
    const key = `${variable} ${pin.coordinate}`;
    if (this.#entries.has(key)) return;
    const { coordinate, claim, of, isList } = pin;
    this.#entries.set(key, { variable, coordinate, claim, of, isList, ...(into && { into }) });
  }

  #givenBy(
    name: string,
    type: GraphQLInputType,
  ): Omit<NonNullable<PinnedVariable['into']>, 'path'> {
    const found = this.#operation.variableDefinitions?.find(
      ({ variable }) => variable.name.value === name,
    );
    const { defaultValue } = found ?? {};
    return { from: name, ...(defaultValue && { otherwise: toSent(defaultValue, type) }) };
  }
}

/**
 * The literal as a caller would send it in a variable. An ID stays text, because a number would
 * lose digits of a long one and so name another object.
 */
function toSent(written: ConstValueNode, type: GraphQLInputType): unknown {
  const named = getNamedType(type);
  if (written.kind === Kind.LIST) return written.values.map((one) => toSent(one, named));
  if (written.kind === Kind.INT && named.name === 'ID') return written.value;
  if (written.kind !== Kind.OBJECT || !isInputObjectType(named)) {
    return valueFromASTUntyped(written);
  }
  const fields = named.getFields();
  return Object.fromEntries(
    written.fields.flatMap(({ name, value }) => {
      const field = fields[name.value];
      return field === undefined ? [] : [[name.value, toSent(value, field.type)]];
    }),
  );
}

/**
 * Part of a variable's key: two fields that are given the same caller's variable may pin different
 * claims in it.
 */
const wayOf = ({ coordinate, argument, path }: InputPin, depth: number): string =>
  `${coordinate.split('(', 1)[0]}(${[argument.name, ...path.slice(0, depth)].join('.')}:)`;
