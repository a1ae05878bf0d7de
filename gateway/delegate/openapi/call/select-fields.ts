/**
 * Which properties an upstream is asked for, where its operations take a sparse-fieldset
 * parameter (`select` in gateway.yaml): those that the delegated operation reads, keys included,
 * and no others. What the gateway was refused to ask is then not even sent to it.
 *
 * Where the properties cannot be named (further properties, a union of no discriminator) the
 * parameter is left out and the upstream sends what it always does.
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
  /** The property of the answer that holds the data, where it is wrapped. */
  readonly in?: string | undefined;
  /** `dotted` asks for `name.first`; `top` for the whole of `name`. */
  readonly nested: 'top' | 'dotted';
}

export type Fieldset = SelectWanted;

/** What of an operation's document is needed; the `info` of a resolver has it. */
export interface SelectedFields {
  readonly fieldNodes: readonly FieldNode[];
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly variableValues: Readonly<Record<string, unknown>>;
}

/** For an operation that answers with objects whose properties can be named. */
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

/** Wire names, in the order of the document, each once; undefined where everything is needed. */
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
    // A list of names has no way to write such a one.
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
