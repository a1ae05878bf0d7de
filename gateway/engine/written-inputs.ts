/**
 * Writes literals back into upstream documents in place of the variables that stood for them during
 * execution: a service may read such a literal differently from any value in a variable.
 */
import {
  type DocumentNode,
  Kind,
  type ValueNode,
  type VariableDefinitionNode,
  visit,
} from 'graphql';
import type { Asked, AsWritten } from '../delegate/upstream.ts';
import { toVariable } from '../plan/own-variables.ts';

type Values = Readonly<Record<string, unknown>>;

/** A literal with its variables renamed to unused names; definitions by the caller's names. */
interface Written {
  readonly node: ValueNode;
  readonly inside: ReadonlyMap<string, VariableDefinitionNode>;
}

/**
 * Undefined if there is no literal to write back.
 * @param literals by the variables that stand for them
 * @param prefix how these names begin; it occurs in no variable of the caller
 */
export function createAsWritten(
  literals: ReadonlyMap<string, ValueNode>,
  declared: readonly VariableDefinitionNode[],
  prefix: string,
): ((variables: Values) => AsWritten) | undefined {
  if (literals.size === 0) return undefined;
  const definitions = new Map(declared.map((one) => [one.variable.name.value, one]));
  const written = new Map(
    [...literals].map(([name, node]) => [name, toWritten(node, definitions, prefix)]),
  );
  return (variables) => (asked) => write(asked, written, variables);
}

function toWritten(
  literal: ValueNode,
  definitions: ReadonlyMap<string, VariableDefinitionNode>,
  prefix: string,
): Written {
  const inside = new Map<string, VariableDefinitionNode>();
  const node: ValueNode = visit(literal, {
    [Kind.VARIABLE]({ name: { value: name } }) {
      const variable = toVariable(`${prefix}_${name}`);
      const definition = definitions.get(name);
      if (definition !== undefined) inside.set(name, { ...definition, variable });
      return variable;
    },
  });
  return { node, inside };
}

function write(asked: Asked, written: ReadonlyMap<string, Written>, given: Values): Asked {
  const find = (name: string) => written.get(name.replace(batched, ''));
  const inside = new Map<string, VariableDefinitionNode>();
  const document: DocumentNode = visit(asked.document, {
    [Kind.VARIABLE_DEFINITION]: ({ variable }) => (find(variable.name.value) ? null : false),
    [Kind.VARIABLE](node) {
      const found = find(node.name.value);
      for (const [name, definition] of found?.inside ?? []) inside.set(name, definition);
      return found?.node;
    },
  });
  const entries = Object.entries(asked.variables).filter(([name]) => find(name) === undefined);
  const variables: Record<string, unknown> = Object.fromEntries(entries);
  for (const [name, { variable }] of inside) {
    if (Object.hasOwn(given, name)) variables[variable.name.value] = given[name];
  }
  return { document: declare(document, [...inside.values()]), variables };
}

/** The prefix that stitching gives to variables when it merges requests. */
const batched = /^_v\d+_/;

/** Adds variables to the document's operations. */
export function declare(
  document: DocumentNode,
  added: readonly VariableDefinitionNode[],
): DocumentNode {
  const definitions = document.definitions.map((one) => {
    if (one.kind !== Kind.OPERATION_DEFINITION) return one;
    return { ...one, variableDefinitions: [...(one.variableDefinitions ?? []), ...added] };
  });
  return { ...document, definitions };
}
