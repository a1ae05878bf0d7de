/**
 * What is denied is never fetched: every field and argument of every document that an upstream
 * received, judged at every concrete type that could stand there. Keys of joins and links, and
 * the root fields that look them up, are excepted.
 */
import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
} from 'graphql';
import { maySupply, type Passing, suppliedVariables, type Values } from './inputs.ts';
import type { Oracle } from './oracle.ts';
import type { AnyCaller } from './policy.ts';
import { enter, type Fragments, fragmentsOf, possibleTypes } from './possible-types.ts';
import { plumbing, upstreamSchemas } from './schema.ts';

export interface UpstreamDocument {
  readonly upstream: string;
  readonly query: string;
  readonly variables: Values;
}

interface Walk extends Passing {
  schema: GraphQLSchema;
  fragments: Fragments;
  faults: string[];
}

/** What the upstream was asked that this caller may not have; empty when all is well. */
export function askedInExcess(
  oracle: Oracle,
  caller: AnyCaller,
  { upstream, query, variables }: UpstreamDocument,
): string[] {
  const schema = upstreamSchemas[upstream];
  if (schema === undefined) return [`unknown upstream ${upstream}`];
  const document = parse(query);
  const fragments = fragmentsOf(document);
  const faults: string[] = [];
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const walk = { ...passing(oracle, caller, definition, variables), schema, fragments, faults };
    const root = schema.getRootType(definition.operation);
    visitSet(walk, definition.selectionSet, root ? [root] : []);
  }
  return faults.map((fault) => `${upstream} was asked ${fault}: ${query}`);
}

function passing(
  oracle: Oracle,
  caller: AnyCaller,
  operation: OperationDefinitionNode,
  variables: Values,
): Passing {
  const supplied = suppliedVariables(operation, variables);
  return {
    oracle,
    caller,
    variables: supplied,
    mutation: operation.operation === 'mutation',
    defaultsAreFree: true,
  };
}

function visitSet(walk: Walk, set: SelectionSetNode, types: readonly GraphQLObjectType[]): void {
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      const name = selection.name.value;
      const next = new Set<GraphQLObjectType>();
      for (const type of types) {
        const field = type.getFields()[name];
        if (field === undefined) continue;
        judge(walk, type, field, selection.arguments ?? []);
        for (const each of possibleTypes(walk.schema, field.type)) next.add(each);
      }
      if (selection.selectionSet) visitSet(walk, selection.selectionSet, [...next]);
      continue;
    }
    const inside = enter(walk, selection, types);
    visitSet(walk, inside.selectionSet, inside.types);
  }
}

function judge(
  walk: Walk,
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
  supplied: Parameters<typeof maySupply>[3],
): void {
  const coordinate = `${type.name}.${field.name}`;
  if (plumbing.has(coordinate)) return;
  const verdict = walk.oracle.verdict(walk.caller, type.name, field.name);
  if (verdict === 'no' || verdict === 'reject') walk.faults.push(coordinate);
  if (!maySupply(walk, type.name, field, supplied))
    walk.faults.push(`an argument of ${coordinate}`);
}
