/**
 * The second lock on what a caller gives: governed arguments, input fields and enum values that one
 * field of an executable document uses, found anew from the document and the variables as sent.
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

/** A field of an executable document, at one of the types that can stand there. */
export interface GivenTo {
  readonly coordinate: string;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly given: readonly ArgumentNode[];
}

/** Whether anything that can be given to a field is governed. */
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

/** What all of it needs; undefined where nobody may use some of it. */
export function clausesOfInputs(
  policy: Policy,
  places: readonly GivenTo[],
  about: {
    readonly schema: GraphQLSchema;
    readonly operation: OperationDefinitionNode;
    /** As the caller sent them. */
    readonly variables: Readonly<Record<string, unknown>>;
    /** Inputs that arguments have opened, by the plan. */
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
