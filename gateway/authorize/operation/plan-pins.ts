/**
 * Puts the arguments that are fixed from the token into the fields of one plan, as variables of the
 * gateway's own: callers share plans, so a plan holds the source of a value, never the value.
 */
import {
  type ArgumentNode,
  type FieldNode,
  GraphQLNonNull,
  getNullableType,
  Kind,
  type OperationDefinitionNode,
  parseType,
  type VariableDefinitionNode,
} from 'graphql';
import { freePrefix, toVariable } from '../../plan/own-variables.ts';
import type { PinnedVariable } from '../../plan/pinned.ts';
import type { Pin } from '../compile-pins.ts';
import type { Policy } from '../policy.ts';
import { PlanInputPins } from './plan-input-pins.ts';

export class PlanPins {
  readonly #pins: Policy['pins'];
  readonly #prefix: string;
  readonly #used = new Map<Pin, string>();
  readonly #inputPins: Policy['inputPins'];
  readonly #inside: PlanInputPins;
  #count = 0;

  constructor(
    { pins, inputPins }: Policy,
    operation: Pick<OperationDefinitionNode, 'variableDefinitions'>,
  ) {
    this.#pins = pins;
    this.#inputPins = inputPins;
    const { variableDefinitions = [] } = operation;
    const names = variableDefinitions.map(({ variable }) => variable.name.value);
    this.#prefix = freePrefix('fg_pin', names);
    this.#inside = new PlanInputPins(operation, () => this.#toName());
  }

  /** The field as it is executed; the caller cannot have given pins, which their schema lacks. */
  fix(coordinate: string, node: FieldNode): FieldNode {
    const pins = this.#pins.get(coordinate);
    const inputPins = this.#inputPins.get(coordinate);
    const filled = inputPins === undefined ? node : this.#inside.fix(node, inputPins);
    if (pins === undefined) return filled;
    const given = pins.map((pin) => this.#use(pin));
    return { ...filled, arguments: [...(filled.arguments ?? []), ...given] };
  }

  variables(): readonly PinnedVariable[] {
    const whole = [...this.#used].map(([{ coordinate, claim, of, isList }, variable]) => {
      return { variable, coordinate, claim, of, isList };
    });
    return [...whole, ...this.#inside.variables()];
  }

  /** Non-null: an operation whose claim is missing has been refused before. */
  definitions(): readonly VariableDefinitionNode[] {
    const whole = [...this.#used].map(
      ([{ argument }, variable]): VariableDefinitionNode => ({
        kind: Kind.VARIABLE_DEFINITION,
        variable: toVariable(variable),
        type: parseType(String(new GraphQLNonNull(getNullableType(argument.type)))),
      }),
    );
    return [...whole, ...this.#inside.definitions()];
  }

  #toName(): string {
    this.#count += 1;
    return `${this.#prefix}${this.#count - 1}`;
  }

  #use(pin: Pin): ArgumentNode {
    const variable = this.#used.get(pin) ?? this.#toName();
    this.#used.set(pin, variable);
    return {
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: pin.argument.name },
      value: toVariable(variable),
    };
  }
}
