/**
 * The same operation in other words. `plain`: fragments inlined, variables replaced by their
 * values, conditions resolved. `ornate`: selection sets moved into named fragments, literals
 * lifted into variables, response keys permuted among themselves so that they shadow each other.
 */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  parse,
  parseType,
  print,
  type SelectionNode,
  type SelectionSetNode,
  separateOperations,
  TypeInfo,
  type ValueNode,
  type VariableDefinitionNode,
  valueFromASTUntyped,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { Operation } from './generate-operation.ts';
import { suppliedVariables, type Values } from './inputs.ts';
import type { Random } from './random.ts';

export interface Spelling extends Operation {
  readonly spelled: string;
  /** From this spelling's response keys to the original's. */
  readonly original: ReadonlyMap<string, string>;
}

export function spellings(random: Random, schema: GraphQLSchema, operation: Operation): Spelling[] {
  const alone = separateOperations(parse(operation.query))[operation.operationName ?? ''];
  const document = alone ?? parse(operation.query);
  return [
    { ...operation, spelled: 'as written', original: new Map() },
    plain(schema, document, operation.variables),
    ornate(random, schema, document, operation.variables),
  ];
}

function definitionOf(document: DocumentNode): OperationDefinitionNode {
  const found = document.definitions.find((each) => each.kind === Kind.OPERATION_DEFINITION);
  if (found === undefined) throw new Error('no operation');
  return found;
}

function plain(schema: GraphQLSchema, document: DocumentNode, given: Values): Spelling {
  const supplied = suppliedVariables(definitionOf(document), given);
  const typeInfo = new TypeInfo(schema);
  const withValues = visit(
    document,
    visitWithTypeInfo(typeInfo, {
      VariableDefinition: () => false,
      Variable: (node) => {
        const type = typeInfo.getInputType();
        const value = supplied[node.name.value];
        return value === undefined || !type ? undefined : toLiteral(value, type);
      },
    }),
  );
  const settled = visit(withValues, {
    Argument: { leave: ({ value }) => (value.kind === Kind.VARIABLE ? null : undefined) },
    ObjectField: { leave: ({ value }) => (value.kind === Kind.VARIABLE ? null : undefined) },
    ListValue: {
      leave: (node) => ({
        ...node,
        values: node.values.map(
          (each): ValueNode => (each.kind === Kind.VARIABLE ? { kind: Kind.NULL } : each),
        ),
      }),
    },
  });
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const each of settled.definitions) {
    if (each.kind === Kind.FRAGMENT_DEFINITION) fragments.set(each.name.value, each);
  }
  const { variableDefinitions: _dropped, ...bare } = definitionOf(settled);
  const selectionSet = inlineSet(fragments, bare.selectionSet);
  const query = print({ kind: Kind.DOCUMENT, definitions: [{ ...bare, selectionSet }] });
  return { query, variables: {}, spelled: 'plain', original: new Map() };
}

function inlineSet(
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  set: SelectionSetNode,
): SelectionSetNode {
  const kept = set.selections
    .filter((each) => !isLeftOut(each))
    .map((each) => inlineNode(fragments, each));
  // What is left out entirely needs a stand-in: a selection set cannot be empty.
  const [first] = set.selections;
  const selections = kept.length === 0 && first ? [inlineNode(fragments, first)] : kept;
  return { ...set, selections };
}

function inlineNode(
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  node: SelectionNode,
): SelectionNode {
  const always = (node.directives ?? []).filter(() => isLeftOut(node));
  if (node.kind !== Kind.FRAGMENT_SPREAD) {
    if (!node.selectionSet) return { ...node, directives: always } as FieldNode;
    return { ...node, directives: always, selectionSet: inlineSet(fragments, node.selectionSet) };
  }
  const fragment = fragments.get(node.name.value);
  if (fragment === undefined) throw new Error(`no fragment ${node.name.value}`);
  return {
    kind: Kind.INLINE_FRAGMENT,
    typeCondition: fragment.typeCondition,
    directives: always,
    selectionSet: inlineSet(fragments, fragment.selectionSet),
  };
}

function isLeftOut(node: SelectionNode): boolean {
  return (node.directives ?? []).some(({ name, arguments: given = [] }) => {
    const value = given[0]?.value;
    if (value?.kind !== Kind.BOOLEAN) throw new Error('a condition without its value');
    return value.value === (name.value === 'skip');
  });
}

function ornate(
  random: Random,
  schema: GraphQLSchema,
  document: DocumentNode,
  given: Values,
): Spelling {
  const values: Record<string, unknown> = { ...given };
  // By type and text: repeated fields merge only while their arguments are spelled alike.
  const lifted = new Map<string, VariableDefinitionNode | undefined>();
  const extracted: FragmentDefinitionNode[] = [];
  const keys = permutedKeys(random, document);
  const typeInfo = new TypeInfo(schema);
  const rewritten = visit(
    document,
    visitWithTypeInfo(typeInfo, {
      Argument: (node) => {
        const type = typeInfo.getArgument()?.type;
        if (!type || holdsVariable(node.value)) return undefined;
        const spelled = `${String(type)} ${print(node.value)}`;
        if (!lifted.has(spelled)) {
          lifted.set(spelled, random.chance(0.2) ? undefined : variableOf(type, lifted.size));
        }
        const definition = lifted.get(spelled);
        if (definition === undefined) return undefined;
        values[definition.variable.name.value] = valueFromASTUntyped(node.value);
        return { ...node, value: definition.variable };
      },
      Field: {
        leave: (node) => {
          const key = keys.get(node.alias?.value ?? node.name.value) ?? node.name.value;
          const { alias: _old, ...rest } = node;
          if (key === node.name.value) return rest;
          return { ...rest, alias: { kind: Kind.NAME, value: key } };
        },
      },
      SelectionSet: {
        leave: (node) => {
          const type = typeInfo.getParentType();
          if (!type || getNamedType(type).name.startsWith('__') || random.chance(0.3))
            return undefined;
          const name = { kind: Kind.NAME, value: `X${extracted.length}` } as const;
          const typeCondition = {
            kind: Kind.NAMED_TYPE,
            name: { kind: Kind.NAME, value: type.name },
          } as const;
          extracted.push({
            kind: Kind.FRAGMENT_DEFINITION,
            name,
            typeCondition,
            selectionSet: node,
          });
          return { ...node, selections: [{ kind: Kind.FRAGMENT_SPREAD, name }] };
        },
      },
    }),
  );
  const definitions = rewritten.definitions.map((each) =>
    each.kind === Kind.OPERATION_DEFINITION
      ? {
          ...each,
          variableDefinitions: [...(each.variableDefinitions ?? []), ...definitionsOf(lifted)],
        }
      : each,
  );
  const query = print({ kind: Kind.DOCUMENT, definitions: [...definitions, ...extracted] });
  const original = new Map([...keys].map(([from, to]) => [to, from]));
  return { query, variables: values, spelled: 'ornate', original };
}

function variableOf(type: GraphQLInputType, index: number): VariableDefinitionNode {
  const name = { kind: Kind.NAME, value: `lifted${index}` } as const;
  return {
    kind: Kind.VARIABLE_DEFINITION,
    variable: { kind: Kind.VARIABLE, name },
    type: parseType(String(type)),
  };
}

function definitionsOf(lifted: ReadonlyMap<string, VariableDefinitionNode | undefined>) {
  return [...lifted.values()].filter((each) => each !== undefined);
}

/** A bijection of the document's response keys onto themselves and a few fresh ones. */
function permutedKeys(random: Random, document: DocumentNode): Map<string, string> {
  const found = new Set<string>();
  visit(document, { Field: (node) => void found.add(node.alias?.value ?? node.name.value) });
  const keys = [...found];
  const targets = keys.map((key, index) => (random.chance(0.2) ? `fresh${index}` : key));
  for (let index = targets.length - 1; index > 0; index -= 1) {
    const other = random.below(index + 1);
    [targets[index], targets[other]] = [targets[other] ?? '', targets[index] ?? ''];
  }
  return new Map(keys.map((key, index) => [key, targets[index] ?? key]));
}

function holdsVariable(value: ValueNode): boolean {
  let found = false;
  visit(value, {
    Variable: () => {
      found = true;
    },
  });
  return found;
}

function toLiteral(value: unknown, type: GraphQLInputType): ValueNode {
  if (value === null) return { kind: Kind.NULL };
  if (isNonNullType(type)) return toLiteral(value, type.ofType);
  if (isListType(type)) {
    if (!Array.isArray(value)) return toLiteral(value, type.ofType);
    const values = value.map((item) => toLiteral(item, type.ofType));
    return { kind: Kind.LIST, values };
  }
  if (isInputObjectType(type)) {
    const fields = Object.entries(Object(value)).map(([name, inner]: [string, unknown]) => {
      const field = type.getFields()[name];
      if (field === undefined) throw new Error(`${type.name} has no ${name}`);
      const node = { kind: Kind.NAME, value: name } as const;
      return { kind: Kind.OBJECT_FIELD, name: node, value: toLiteral(inner, field.type) } as const;
    });
    return { kind: Kind.OBJECT, fields };
  }
  if (isEnumType(type)) return { kind: Kind.ENUM, value: String(value) };
  if (typeof value === 'boolean') return { kind: Kind.BOOLEAN, value };
  if (typeof value === 'number') return { kind: Kind.INT, value: String(value) };
  return { kind: Kind.STRING, value: String(value) };
}

/** The answer's data with the original's response keys, order kept. */
export function withOriginalKeys(value: unknown, original: Spelling['original']): unknown {
  if (Array.isArray(value)) return value.map((item) => withOriginalKeys(item, original));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]: [string, unknown]) => [
    original.get(key) ?? key,
    withOriginalKeys(inner, original),
  ]);
  return Object.fromEntries(entries);
}
