/**
 * Whether an operation is refused whole, which is decided without data: a denied root field of a
 * mutation, or a selected coordinate whose outcome is `reject` at some type that may stand there.
 */
import {
  type FieldNode,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { mayReject, maySupply, type Passing } from './inputs.ts';
import { enter, type Fragments, fragmentsOf, possibleTypes } from './possible-types.ts';
import type { Asked } from './reference-answer.ts';

interface Walk extends Passing {
  schema: GraphQLSchema;
  fragments: Fragments;
  found: { yes: boolean; maybe: boolean };
}

export function isRejected(
  asked: Asked & Passing & { operation: OperationDefinitionNode },
): 'yes' | 'no' | 'maybe' {
  const { operation, document, oracle } = asked;
  const walk: Walk = {
    ...asked,
    schema: oracle.schema,
    fragments: fragmentsOf(document),
    found: { yes: false, maybe: false },
  };
  const root = oracle.schema.getRootType(operation.operation);
  if (!root) throw new Error(`no ${operation.operation}`);
  visitSet(walk, operation.selectionSet, [root], false);
  if (walk.found.yes) return 'yes';
  return walk.found.maybe ? 'maybe' : 'no';
}

function visitSet(
  walk: Walk,
  set: SelectionSetNode,
  types: readonly GraphQLObjectType[],
  below: boolean,
): void {
  for (const selection of set.selections) {
    if (!isIncluded(selection, walk.variables)) continue;
    if (selection.kind === Kind.FIELD) {
      for (const type of types) visitField(walk, selection, type, below);
      continue;
    }
    const inside = enter(walk, selection, types);
    visitSet(walk, inside.selectionSet, inside.types, below);
  }
}

function visitField(walk: Walk, node: FieldNode, type: GraphQLObjectType, below: boolean): void {
  const field = type.getFields()[node.name.value];
  if (field === undefined) return;
  const verdict = walk.oracle.verdict(walk.caller, type.name, field.name);
  const given = node.arguments ?? [];
  const open = maySupply(walk, type.name, field, given);
  const denied = verdict === 'no' || verdict === 'reject' || !open;
  const rejects =
    verdict === 'reject' || (verdict !== 'no' && mayReject(walk, type.name, field, given));
  if (rejects || (denied && type.name === 'Mutation')) {
    walk.found[below ? 'maybe' : 'yes'] = true;
  }
  if (node.selectionSet) {
    visitSet(walk, node.selectionSet, possibleTypes(walk.schema, field.type), below || denied);
  }
}

function isIncluded(node: SelectionNode, variables: Passing['variables']): boolean {
  const skip = getDirectiveValues(GraphQLSkipDirective, node, variables);
  const include = getDirectiveValues(GraphQLIncludeDirective, node, variables);
  return skip?.if !== true && include?.if !== false;
}
