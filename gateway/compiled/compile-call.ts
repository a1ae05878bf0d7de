/** Compiles how REST upstreams are called and read. */
import { type FieldNode, type GraphQLField, Kind } from 'graphql';
import type { RestRead, RestSource } from '../graph/graph-parts.ts';
import { type RestRootCall, type Selection, Unsupported } from './program.ts';

/** The call for a REST root field, and the properties it asks for. */
export function compileCall(
  source: RestSource,
  coordinate: string,
  field: GraphQLField<unknown, unknown>,
  selection: Selection | undefined,
): Pick<RestRootCall, 'call' | 'fields'> {
  const call = source.calls.get(coordinate);
  if (call === undefined) throw new Unsupported('no-call');
  return { call, fields: call.fieldsOf(field, toNode(field.name, selection)) };
}

/** The selection as a node, with field names instead of result keys; empty for unions. */
function toNode(name: string, selection: Selection | undefined): FieldNode {
  const node: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: name } };
  if (selection === undefined) return node;
  const { typeName, byType } = selection;
  const { fields = [] } = (typeName === undefined ? undefined : byType.get(typeName)) ?? {};
  const selections = fields.map((field) => toNode(field.name, field.selection));
  return { ...node, selectionSet: { kind: Kind.SELECTION_SET, selections } };
}

export function restReadOf(
  source: RestSource,
  definition: GraphQLField<unknown, unknown>,
): RestRead {
  const read = source.readOf(definition);
  if (read === undefined) throw new Unsupported('rest-field');
  return read;
}
