/**
 * Selects the properties to ask of an upstream whose operations take a sparse-fieldset parameter
 * (`select` in gateway.yaml): those that the delegated operation reads, including keys, and no
 * others. Properties refused to the caller are then not even sent to the gateway.
 *
 * If the properties cannot be named (further properties, a union without discriminator), the
 * parameter is left out and the upstream sends its default.
 */
import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLSkipDirective,
  getDirectiveValues,
  getNamedType,
  isCompositeType,
  isObjectType,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { readingOf } from './answer-shape.ts';

export interface SelectWanted {
  /** The name of the query parameter. */
  readonly parameter: string;
  /** The property of the answer that holds the data, if it is wrapped. */
  readonly in?: string | undefined;
  /** `dotted` asks for `name.first`; `top` for the whole of `name`. */
  readonly nested: 'top' | 'dotted';
}

export type Fieldset = SelectWanted;

/** The part of an operation's document used here; a resolver's `info` has it. */
export interface SelectedFields {
  readonly fieldNodes: readonly FieldNode[];
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly variableValues: Readonly<Record<string, unknown>>;
}

/** The fieldset, if the operation answers with objects of one type. */
export function toFieldset(
  wanted: SelectWanted,
  type: GraphQLOutputType,
  note: (why: string) => void,
): Fieldset | undefined {
  const named = getNamedType(type);
  const isFit = isObjectType(named);
  if (!isFit) note(`${wanted.parameter} is not written: the answer is no object of one type`);
  return isFit ? wanted : undefined;
}

/** Wire names in the document's order, without duplicates; undefined if all are needed. */
export function fieldsetOf(
  fieldset: Fieldset,
  type: GraphQLOutputType,
  selected: SelectedFields,
): readonly string[] | undefined {
  const named = getNamedType(type);
  if (!isObjectType(named)) return undefined;
  const top = collect(named, setsOf(selected.fieldNodes), selected);
  if (top === undefined || fieldset.in === undefined) return namesOf(top, fieldset, selected);
  const inner = top.get(fieldset.in);
  const below = inner && getNamedType(inner.type);
  if (inner === undefined || !isObjectType(below)) return undefined;
  return namesOf(collect(below, setsOf(inner.nodes), selected), fieldset, selected);
}

interface Selected {
  readonly type: GraphQLOutputType;
  readonly nodes: FieldNode[];
}
/** By wire name. */
type Collected = ReadonlyMap<string, Selected>;

function namesOf(
  fields: Collected | undefined,
  fieldset: Fieldset,
  selected: SelectedFields,
): readonly string[] | undefined {
  if (fields === undefined) return undefined;
  const names: string[] = [];
  for (const [wire, field] of fields) {
    // A comma-separated list cannot contain such a name.
    if (/[,.]/.test(wire)) return undefined;
    names.push(...dotted(wire, field, fieldset, selected));
  }
  return names;
}

function dotted(
  wire: string,
  { type, nodes }: Selected,
  fieldset: Fieldset,
  selected: SelectedFields,
): readonly string[] {
  const named = getNamedType(type);
  if (fieldset.nested === 'top' || !isCompositeType(named) || !isObjectType(named)) return [wire];
  const below = namesOf(collect(named, setsOf(nodes), selected), fieldset, selected);
  return below === undefined || below.length === 0
    ? [wire]
    : below.map((name) => `${wire}.${name}`);
}

function setsOf(nodes: readonly FieldNode[]): SelectionSetNode[] {
  return nodes.flatMap(({ selectionSet }) => (selectionSet === undefined ? [] : [selectionSet]));
}

function collect(
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
  selected: SelectedFields,
): Collected | undefined {
  const fields = new Map<string, Selected>();
  const pending: SelectionNode[] = sets.flatMap(({ selections }) => selections);
  const spread = new Set<string>();
  for (const node of pending) {
    if (!isIncluded(node, selected)) continue;
    if (node.kind === 'Field') {
      if (node.name.value === '__typename') continue;
      const field = type.getFields()[node.name.value];
      const wire = field && readingOf(field)?.wire;
      if (field === undefined || wire === undefined) return undefined;
      const known = fields.get(wire) ?? { type: field.type, nodes: [] };
      known.nodes.push(node);
      fields.set(wire, known);
    } else if (node.kind === 'InlineFragment') {
      pending.push(...node.selectionSet.selections);
    } else if (!spread.has(node.name.value)) {
      spread.add(node.name.value);
      pending.push(...(selected.fragments[node.name.value]?.selectionSet.selections ?? []));
    }
  }
  return fields;
}

function isIncluded(node: SelectionNode, { variableValues }: SelectedFields): boolean {
  const skip = getDirectiveValues(GraphQLSkipDirective, node, variableValues);
  const include = getDirectiveValues(GraphQLIncludeDirective, node, variableValues);
  return skip?.if !== true && include?.if !== false;
}
