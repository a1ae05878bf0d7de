/**
 * Step `parse and limit` of the walk: from the request as sent to the one operation that may be
 * authorised, with its variables and its cost. Knows no caller. Fails closed: whatever does not
 * pass is a Refusal.
 */
import type { GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { Refusal } from '../decision.ts';
import type { CheckCost } from './cost/cost.ts';
import type { CostEstimate } from './cost/cost-program.ts';
import { type CheckedDocument, pickOperation } from './document.ts';
import type { DocumentPolicy } from './document-policy.ts';
import { refuseManyInputs } from './input-count.ts';
import type { NullPlaces } from './null-places.ts';
import type { PersistedStore } from './persisted-store.ts';
import { resolveDocument } from './resolve-document.ts';
import { coerceVariables, refuseVariable, type Variables } from './variables.ts';

export interface CheckTools {
  /** The schema as the caller sees it. */
  readonly schema: GraphQLSchema;
  /** Identifies what the caller's view hides from the public schema; empty if nothing. */
  readonly key: string;
  readonly documents: DocumentPolicy;
  /** Undefined if persisted queries are off. */
  readonly persisted: PersistedStore | undefined;
  checkDocument(text: string): CheckedDocument | Refusal;
  readonly checkCost: CheckCost;
  readonly nullPlaces: NullPlaces;
  /** The schema by which engines coerce. */
  readonly executable: GraphQLSchema;
  /** Most inputs in variables, `inputs` of the limits. */
  readonly inputsMax: number;
  /** The caller's values of pinned arguments, by coordinate; called only if needed. */
  readonly pinned?: (() => Readonly<Record<string, unknown>> | undefined) | undefined;
  /** SHA-256 in lower-case hex. */
  hash(text: string): string;
  /** A refusal if the operation may not arrive by the request's method. */
  refuseByMethod(operationType: OperationDefinitionNode['operation']): Refusal | undefined;
  /** Called for the record as soon as the operation is known. */
  found(operation: OperationDefinitionNode, hash: string): void;
}

export interface SentRequest {
  readonly query: string | undefined;
  readonly documentId: unknown;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly extensions: Readonly<Record<string, unknown>> | undefined;
}

export interface CheckedRequest extends CheckedDocument {
  readonly text: string;
  readonly operation: OperationDefinitionNode;
  readonly variables: Variables;
  readonly cost: number;
  readonly estimate: CostEstimate;
}

export function checkRequest(request: SentRequest, tools: CheckTools): CheckedRequest | Refusal {
  const resolved = resolveDocument(request, {
    policy: tools.documents,
    store: tools.persisted,
    hash: tools.hash,
  });
  if (resolved instanceof Refusal) return resolved;
  const { text, keepAs } = resolved;
  const checked = tools.checkDocument(text);
  if (checked instanceof Refusal) return withoutForeignNames(checked, request, tools);
  // Only valid documents are kept: a flood of garbage must not evict those of others.
  if (keepAs !== undefined) tools.persisted?.keep(keepAs, text);
  const operation = pickOperation(checked, request.operationName);
  if (operation instanceof Refusal) return operation;
  tools.found(operation, checked.shapeHash);
  const unfit = tools.refuseByMethod(operation.operation);
  if (unfit !== undefined) return unfit;
  const asked = { operation, fragments: checked.fragments, variables: request.variables };
  const flood = refuseManyInputs(tools, asked, tools.inputsMax);
  if (flood !== undefined) return flood;
  const variables = coerceVariables(tools.schema, operation, request.variables);
  if (variables instanceof Refusal) return variables;
  for (const name of tools.nullPlaces(operation, checked.fragments)) {
    if (variables.coerced[name] === null) return refuseVariable(name);
  }
  const estimate = tools.checkCost(checked, operation, variables.coerced, tools.pinned);
  if (estimate instanceof Refusal) return estimate;
  return { ...checked, text, operation, variables, cost: estimate.cost, estimate };
}

/**
 * Errors of a document that the caller named by id alone would reveal what another caller wrote,
 * including fields hidden from this one. The refusal is the same as for an unknown id.
 */
function withoutForeignNames(
  refusal: Refusal,
  request: SentRequest,
  { key, documents, persisted: store, hash }: CheckTools,
): Refusal {
  if (request.query !== undefined || key === '') return refusal;
  const policy = { ...documents, manifest: { byId: new Map(), texts: new Set<string>() } };
  const unknown = resolveDocument(request, { policy, store, hash });
  return unknown instanceof Refusal ? unknown : refusal;
}
