/**
 * Builds the selections that a plan sends: fragments per concrete type, or one plain list if all
 * implementations are asked for the same fields. A selection is never empty: `__typename` shows
 * that an object exists.
 */
import {
  type FieldNode,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type InlineFragmentNode,
  isInterfaceType,
  isObjectType,
  Kind,
  print,
  type SelectionNode,
} from 'graphql';
import type { ProjectedField } from '../../plan/plan.ts';

/** One field of one concrete type: what the caller gets, and what is fetched for it. */
export interface PlannedField {
  readonly field: ProjectedField;
  readonly node: FieldNode | undefined;
  /**
   * Whether it is classified, or holds classified values whose data subject no object in it names.
   */
  readonly unowned?: boolean;
}

/** All fields of one concrete type. */
export interface PlannedType {
  readonly concrete: GraphQLObjectType;
  readonly fields: readonly PlannedField[];
  readonly subject: { readonly node: FieldNode | undefined } | undefined;
  /** Fields that conditions look at. */
  readonly looked: readonly FieldNode[];
}

const typename: FieldNode = {
  kind: Kind.FIELD,
  name: { kind: Kind.NAME, value: '__typename' },
};

export function toSelections(
  type: GraphQLNamedType,
  perType: readonly PlannedType[],
  executable: GraphQLSchema,
): readonly SelectionNode[] {
  if (isObjectType(type)) {
    const nodes = perType.flatMap(nodesOf);
    return nodes.length > 0 ? nodes : [typename];
  }
  const fragments = perType.flatMap((one) => {
    const selections = nodesOf(one);
    return selections.length === 0 ? [] : [toInlineFragment(one.concrete.name, selections)];
  });
  const shared = sharedByAll(type, fragments, executable);
  return [typename, ...(shared ?? fragments)];
}

function nodesOf({ fields, subject, looked }: PlannedType): FieldNode[] {
  const own = fields.flatMap((one) => one.node ?? []);
  return [...own, ...(subject?.node ? [subject.node] : []), ...looked];
}

/**
 * A plain list if all implementations are asked for the same interface fields; undefined otherwise.
 */
function sharedByAll(
  type: GraphQLNamedType,
  fragments: readonly InlineFragmentNode[],
  schema: GraphQLSchema,
): readonly SelectionNode[] | undefined {
  const executable = schema.getType(type.name);
  const [first] = fragments;
  if (!isInterfaceType(executable) || first === undefined) return undefined;
  const { selections } = first.selectionSet;
  if (fragments.length !== schema.getPossibleTypes(executable).length) return undefined;
  const text = print(first.selectionSet);
  if (!fragments.every((fragment) => print(fragment.selectionSet) === text)) return undefined;
  const fits = selections.every((one) => one.kind === Kind.FIELD && fitsInterface(one, executable));
  return fits ? selections : undefined;
}

/**
 * Whether the node is a leaf that the interface itself declares with these arguments.
 * Implementations may have more arguments and narrower object types, which a document must not use
 * on the interface.
 */
function fitsInterface(node: FieldNode, type: GraphQLInterfaceType): boolean {
  const field = type.getFields()[node.name.value];
  if (field === undefined || node.selectionSet !== undefined) return false;
  const known = new Set(field.args.map((argument) => argument.name));
  return (node.arguments ?? []).every((argument) => known.has(argument.name.value));
}

export function toNode(
  node: FieldNode,
  rawKey: string,
  selections: readonly SelectionNode[] | undefined,
): FieldNode {
  const { name } = node;
  return {
    kind: Kind.FIELD,
    name,
    ...(rawKey === name.value ? {} : { alias: { kind: Kind.NAME, value: rawKey } }),
    ...(node.arguments === undefined ? {} : { arguments: node.arguments }),
    ...(selections === undefined
      ? {}
      : { selectionSet: { kind: Kind.SELECTION_SET as const, selections } }),
  };
}

function toInlineFragment(
  typeName: string,
  selections: readonly SelectionNode[],
): InlineFragmentNode {
  return {
    kind: Kind.INLINE_FRAGMENT as const,
    typeCondition: {
      kind: Kind.NAMED_TYPE as const,
      name: { kind: Kind.NAME as const, value: typeName },
    },
    selectionSet: { kind: Kind.SELECTION_SET as const, selections },
  };
}
