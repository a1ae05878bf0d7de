/**
 * Puts the arguments that are fixed from the token into the fields of one plan, as variables of ours:
 * a plan is shared by callers, so it holds where a value comes from and never the value.
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
import type { PinnedVariable } from '../../plan/pinned.ts';
import type { Pin } from '../compile-pins.ts';
import type { Policy } from '../policy.ts';

export class PlanPins {
  private readonly pins: Policy['pins'];
  private readonly prefix: string;
  private readonly used = new Map<Pin, string>();

  constructor({ pins }: Policy, operation: Pick<OperationDefinitionNode, 'variableDefinitions'>) {
    this.pins = pins;
    this.prefix = toPrefix(operation);
  }

  /** The field as it is executed: the caller cannot have written what their schema does not have. */
  fix(coordinate: string, node: FieldNode): FieldNode {
    const pins = this.pins.get(coordinate);
    if (pins === undefined) return node;
    return { ...node, arguments: [...(node.arguments ?? []), ...pins.map((pin) => this.use(pin))] };
  }

  variables(): readonly PinnedVariable[] {
    return [...this.used].map(([{ coordinate, claim, of, isList }, variable]) => {
      return { variable, coordinate, claim, of, isList };
    });
  }

  /** Never null: a value that is missing refuses. */
  definitions(): readonly VariableDefinitionNode[] {
    return [...this.used].map(([{ argument }, variable]) => ({
      kind: Kind.VARIABLE_DEFINITION,
      variable: toVariable(variable),
      type: parseType(String(new GraphQLNonNull(getNullableType(argument.type)))),
    }));
  }

  private use(pin: Pin): ArgumentNode {
    const variable = this.used.get(pin) ?? `${this.prefix}${this.used.size}`;
    this.used.set(pin, variable);
    return {
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: pin.argument.name },
      value: toVariable(variable),
    };
  }
}

const toVariable = (name: string) => ({
  kind: Kind.VARIABLE as const,
  name: { kind: Kind.NAME as const, value: name },
});

/** Variables of ours must not meet the caller's. */
function toPrefix({
  variableDefinitions = [],
}: Pick<OperationDefinitionNode, 'variableDefinitions'>): string {
  let prefix = 'fg_pin';
  while (variableDefinitions.some(({ variable }) => variable.name.value.startsWith(prefix))) {
    prefix = `_${prefix}`;
  }
  return prefix;
}
