/**
 * Rewrites one operation for one set of grants: removes what is refused before anything is fetched,
 * and records in a projection how the caller selected the rest.
 *
 * Works per concrete type: a field reached through an interface or a union is decided at each type
 * that can occur there (plan-fields.ts). Pure; the caller caches the result. Fails closed: a
 * coordinate that the policy does not know is refused.
 */
import { OperationTypeNode } from 'graphql';
import type { Refusal } from '../../decision.ts';
import type { AuthorizedOperation, ProjectedSelection } from '../../plan/plan.ts';
import { toExecutableDocument, toIntrospectionDocument } from './plan-document.ts';
import { FieldPlanner, PlanStop } from './plan-fields.ts';
import type { PlanInput } from './plan-input.ts';
import type { PlanNotes } from './plan-notes.ts';
import { type Rejected, refuseWhole } from './refuse-whole.ts';

/** The authorised operation, or the refusal of the whole operation. */
export function planOperation(input: PlanInput): AuthorizedOperation | Refusal {
  try {
    return plan(input);
  } catch (stop) {
    if (stop instanceof PlanStop) return stop.refusal;
    throw stop;
  }
}

function plan(input: PlanInput): AuthorizedOperation | Refusal {
  const { operation, schema, fragments } = input;
  const root = schema.getRootType(operation.operation);
  if (root === undefined || root === null) throw new Error(`no ${operation.operation} type`);
  const fields = new FieldPlanner(input);
  const planned = fields.selection(root, [operation.selectionSet], root.name, undefined);
  const isQuery = operation.operation === OperationTypeNode.QUERY;
  const roots = isQuery ? [] : deniedRoots(planned.projection, fields.notes);
  const rejected = [...fields.waiting, ...roots];
  if (rejected.length > 0) return refuseWhole(rejected);
  const ours = fields.pins.definitions();
  const document = toExecutableDocument(operation, planned.selections, ours);
  return {
    type: operation.operation,
    document: document?.document,
    variableNames: document?.variableNames ?? [],
    pins: fields.pins.variables(),
    introspection: toIntrospectionDocument(operation, fields.introspected, fragments),
    projection: planned.projection,
    ...fields.notes.all(),
    classified: fields.slots.all(),
  };
}

/**
 * Refused root fields of a mutation refuse the whole operation, because otherwise the writes beside
 * them would run alone.
 */
function deniedRoots({ byType }: ProjectedSelection, notes: PlanNotes): Rejected[] {
  return [...byType.values()].flat().flatMap((field) => {
    // A field that depends on an object is refused after the read, in its place.
    if (field.kind !== 'denied') return [];
    const { coordinate, stepUp } = field;
    return [{ coordinate, stepUp, denial: notes.denialOf(coordinate) }];
  });
}
