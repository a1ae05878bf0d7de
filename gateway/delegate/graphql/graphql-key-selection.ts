/**
 * Makes rows state their key: adds `_fgKey: <key field>` to the root fields that are asked by key,
 * so that a row is matched by its own key, never by position.
 *
 * Root fields are found by name, because batching aliases them. No one else can write this alias:
 * the planner's aliases start with `fg_` or `fg3_` and end in the caller's choice (so `fg_key`
 * could be the caller's), and names of upstreams must not contain it.
 */
import {
  type DocumentNode,
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { keyAlias } from '../../graph/rekey-rows.ts';

/** Root field name to the key field of its rows. */
export type KeyedFields = ReadonlyMap<string, string>;

/** The document with a key selected in each keyed root field; nothing else changes. */
export function addKeySelections(document: DocumentNode, keyed: KeyedFields): DocumentNode {
  if (keyed.size === 0) return document;
  return {
    ...document,
    definitions: document.definitions.map((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION
        ? addToOperation(definition, keyed)
        : definition,
    ),
  };
}

function addToOperation(
  operation: OperationDefinitionNode,
  keyed: KeyedFields,
): OperationDefinitionNode {
  return { ...operation, selectionSet: addToRoot(operation.selectionSet, keyed) };
}

function addToRoot(root: SelectionSetNode, keyed: KeyedFields): SelectionSetNode {
  return { ...root, selections: root.selections.map((selection) => addToOne(selection, keyed)) };
}

function addToOne(selection: SelectionNode, keyed: KeyedFields): SelectionNode {
  if (selection.kind === Kind.INLINE_FRAGMENT) {
    return { ...selection, selectionSet: addToRoot(selection.selectionSet, keyed) };
  }
  if (selection.kind === Kind.FRAGMENT_SPREAD) {
    throw new Error('a delegated operation spreads a fragment at its root');
  }
  const keyField = keyed.get(selection.name.value);
  if (keyField === undefined || selection.selectionSet === undefined) return selection;
  const { selections } = selection.selectionSet;
  const selectionSet = {
    ...selection.selectionSet,
    selections: [...selections, keyNode(keyField)],
  };
  return { ...selection, selectionSet };
}

function keyNode(field: string): FieldNode {
  return {
    kind: Kind.FIELD,
    alias: { kind: Kind.NAME, value: keyAlias },
    name: { kind: Kind.NAME, value: field },
  };
}
