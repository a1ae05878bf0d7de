/**
 * The second lock on inputs: finds anew, from the executable document and the variables as sent,
 * the governed arguments, input fields and enum values that a field uses.
 */
import {
  type ArgumentNode,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isScalarType,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { inputsOf, policyOfUsed, usesOfVariables } from '../operation/used-inputs.ts';
import type { Policy } from '../policy.ts';
import { type Clauses, toClauses } from './lock-clauses.ts';

/** A field of an executable document, at one of the types that can occur there. */
export interface GivenTo {
  readonly coordinate: string;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly given: readonly ArgumentNode[];
}

/** Whether any input of the field can be governed. */
export function takesGoverned(
  { inputs }: Policy,
  coordinate: string,
  { args }: GraphQLField<unknown, unknown>,
): boolean {
  if (inputs.size === 0) return false;
  return args.some(
    ({ name, type }) => inputs.has(`${coordinate}(${name}:)`) || !isScalarType(getNamedType(type)),
  );
}

export const hasVariables = ({ given }: GivenTo): boolean => {
  let found = false;
  for (const node of given) {
    visit(node, {
      [Kind.VARIABLE]() {
        found = true;
      },
    });
  }
  return found;
};

/** The clauses that all the inputs need; undefined if no caller may use one of them. */
export function clausesOfInputs(
  policy: Policy,
  places: readonly GivenTo[],
  about: {
    readonly schema: GraphQLSchema;
    readonly operation: OperationDefinitionNode;
    /** As sent by the caller. */
    readonly variables: Readonly<Record<string, unknown>>;
    /** Inputs that the plan says are open because of arguments. */
    readonly depends: readonly string[];
  },
): readonly Clauses[] | undefined {
  const variables = usesOfVariables(about.schema, policy, about.operation, about.variables);
  const clauses: Clauses[] = [];
  for (const { coordinate, definition, given } of places) {
    for (const used of inputsOf({ policy, variables }, coordinate, definition, given)) {
      const found = policyOfUsed(policy, used);
      const asked = about.depends.includes(used) ? 'unread' : 'certain';
      // A mask never permits the use of an input.
      const needed = found && toClauses(found, false, asked);
      if (needed === undefined) return undefined;
      clauses.push(needed);
    }
  }
  return clauses;
}
