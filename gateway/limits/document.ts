/**
 * Parses, limits and validates a document. Knows no caller: the result depends only on the text and
 * the public schema, and the snapshot caches it within a bound in bytes.
 *
 * Cheap checks run first, and each bounds the work of the next: characters and brackets, tokens,
 * rules, validation.
 */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql';
import { Refusal } from '../decision.ts';
import { invalid } from './invalid.ts';
import type { Limits } from './limits.ts';
import { parseDocument } from './parse-document.ts';
import { documentRules } from './rules.ts';
import { toShapeHash } from './shape-hash.ts';
import { validateDocument } from './validate-document.ts';

export interface CheckedDocument {
  readonly document: DocumentNode;
  readonly operations: readonly OperationDefinitionNode[];
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Boolean variables that @skip and @include read. */
  readonly conditionVariables: readonly string[];
  /** SHA-256 in hex of the text without literals and operation names; safe for logs. */
  readonly shapeHash: string;
}

type Parts = Omit<CheckedDocument, 'shapeHash'>;

export function checkDocument(
  text: string,
  schema: GraphQLSchema,
  limits: Limits,
): CheckedDocument | Refusal {
  const parsed = parseDocument(text, limits);
  if (parsed instanceof Refusal) return parsed;
  const parts = toParts(parsed.document);
  const refusal =
    refuseRepeated(parts) ??
    limit(parts, limits) ??
    refuseUnused(parts) ??
    refuseRootless(parts, schema) ??
    validateDocument(parsed, schema);
  return refusal ?? { ...parts, shapeHash: toShapeHash(parsed.document) };
}

function limit({ operations, fragments }: Parts, limits: Limits): Refusal | undefined {
  for (const operation of operations) {
    if (operation.operation === OperationTypeNode.SUBSCRIPTION)
      return new Refusal('limits/subscription');
    for (const rule of documentRules) {
      const refusal = rule({ operation, fragments, limits });
      if (refusal !== undefined) return refusal;
    }
  }
  return undefined;
}

/** Rules measure one fragment per name, but validation would visit all of them. */
function refuseRepeated({ document, fragments }: Parts): Refusal | undefined {
  const isFragment = ({ kind }: { kind: Kind }) => kind === Kind.FRAGMENT_DEFINITION;
  if (document.definitions.filter(isFragment).length === fragments.size) return undefined;
  return invalid('Several fragments have one name.');
}

/** Rules skip unused fragments, but validation would visit them before it refuses them. */
function refuseUnused({ operations, fragments }: Parts): Refusal | undefined {
  const used = new Set<string>();
  const visit = (set: SelectionSetNode): void => {
    for (const node of set.selections) {
      if (node.kind !== Kind.FRAGMENT_SPREAD) {
        if (node.selectionSet !== undefined) visit(node.selectionSet);
      } else if (!used.has(node.name.value)) {
        used.add(node.name.value);
        const fragment = fragments.get(node.name.value);
        if (fragment !== undefined) visit(fragment.selectionSet);
      }
    }
  };
  for (const operation of operations) visit(operation.selectionSet);
  const unused = [...fragments.keys()].find((name) => !used.has(name));
  return unused === undefined ? undefined : invalid(`Fragment "${unused}" is never used.`);
}

/** Validation skips an operation if the schema has no such root type. */
function refuseRootless({ operations }: Parts, schema: GraphQLSchema): Refusal | undefined {
  const rootless = operations.find(({ operation }) => schema.getRootType(operation) == null);
  return rootless && invalid(`The schema has no ${rootless.operation}.`);
}

function toParts(document: DocumentNode): Parts {
  const operations: OperationDefinitionNode[] = [];
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition);
  }
  return { document, operations, fragments, conditionVariables: conditionVariablesOf(document) };
}

function conditionVariablesOf(document: DocumentNode): readonly string[] {
  const names = new Set<string>();
  const visitSet = ({ selections }: SelectionSetNode): void => {
    for (const node of selections) {
      for (const directive of node.directives ?? []) {
        for (const argument of directive.arguments ?? []) {
          if (argument.value.kind === Kind.VARIABLE) names.add(argument.value.name.value);
        }
      }
      if ('selectionSet' in node && node.selectionSet !== undefined) visitSet(node.selectionSet);
    }
  };
  for (const definition of document.definitions) {
    if ('selectionSet' in definition) visitSet(definition.selectionSet);
  }
  return [...names];
}

/** The operation to run: the named one, or the only one. */
export function pickOperation(
  checked: CheckedDocument,
  name: string | undefined,
): OperationDefinitionNode | Refusal {
  const { operations } = checked;
  const [only] = operations;
  if (name === undefined) {
    return only !== undefined && operations.length === 1
      ? only
      : new Refusal('limits/operation-name');
  }
  return operations.find((one) => one.name?.value === name) ?? new Refusal('limits/operation-name');
}
