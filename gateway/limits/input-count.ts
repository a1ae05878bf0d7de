/**
 * Counts what has to be coerced in an operation's arguments. Every field of an input object costs
 * work, given or not, and again wherever its variable is used. Stops a denial of service: a body of
 * empty objects for a type of fifty fields makes a million of them and would block the process for
 * a second. Runs before any coercion; what the text alone determines is found once per operation.
 */
import {
  type ArgumentNode,
  type ASTNode,
  type FragmentDefinitionNode,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isInputType,
  isLeafType,
  isListType,
  isObjectType,
  Kind,
  type NamedTypeNode,
  type ObjectFieldNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
  TypeInfo,
  typeFromAST,
  valueFromASTUntyped,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { createMemo } from '../caches/memo.ts';
import { Refusal } from '../decision.ts';
import { sizeOfLeftOut, widthOf } from './input-width.ts';

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** A variable whose type is not a plain leaf. */
interface Carrier {
  readonly name: string;
  readonly type: GraphQLInputType;
  /** Its default as a value; undefined if it has none. */
  readonly otherwise: unknown;
  /** How often it is coerced. */
  readonly uses: number;
}

interface Known {
  readonly schema: GraphQLSchema;
  /** Fields of the objects in the text itself, and in the defaults of arguments it omits. */
  readonly written: number;
  readonly carriers: readonly Carrier[];
}

const countsByOperation = createMemo<OperationDefinitionNode, Known>();

export interface InputSchemas {
  /** The schema as the caller sees it. */
  readonly schema: GraphQLSchema;
  /** The schema by which engines coerce: its types have fields that the caller does not see. */
  readonly executable: GraphQLSchema;
}

/** `limits/too-many-inputs` if the count exceeds `max`. */
export function refuseManyInputs(
  { schema, executable }: InputSchemas,
  asked: {
    readonly operation: OperationDefinitionNode;
    readonly fragments: Fragments;
    readonly variables: Readonly<Record<string, unknown>>;
  },
  max: number,
): Refusal | undefined {
  const { operation, fragments, variables } = asked;
  let found = countsByOperation.get(operation);
  if (found?.schema !== schema) {
    found = look({ schema, executable }, operation, fragments);
    countsByOperation.set(operation, found);
  }
  let count = found.written;
  for (const { name, type, otherwise, uses } of found.carriers) {
    const value = Object.hasOwn(variables, name) ? variables[name] : otherwise;
    if (count <= max) count += uses * countInputs({ type, value }, executable, max);
  }
  if (count <= max) return undefined;
  return new Refusal('limits/too-many-inputs', { detail: `At most ${max}.` });
}

function look(
  { schema, executable }: InputSchemas,
  operation: OperationDefinitionNode,
  fragments: Fragments,
): Known {
  const types = new TypeInfo(schema);
  const widths = new Map<ASTNode, number>();
  const visitor = visitWithTypeInfo(types, {
    [Kind.VARIABLE_DEFINITION]: () => false as const,
    [Kind.FIELD]: (node) => {
      const type = executable.getType(types.getParentType()?.name ?? '');
      const field = isObjectType(type) ? type.getFields()[node.name.value] : types.getFieldDef();
      const isGiven = isWritten(node.arguments ?? []);
      widths.set(node, sizeOfLeftOut(field?.args ?? [], executable, isGiven));
    },
    [Kind.OBJECT]: (node) => {
      const type = getNamedType(types.getInputType());
      if (!isInputObjectType(type)) return;
      widths.set(node, widthOf(type, executable, isWritten(node.fields)));
    },
  });
  for (const node of [operation, ...fragments.values()]) visit(node, visitor);
  const counted = createCount(fragments, widths)(operation.selectionSet);
  const carriers = (operation.variableDefinitions ?? []).flatMap((definition): Carrier[] => {
    const type = typeFromAST(schema, definition.type as NamedTypeNode);
    if (!isInputType(type) || isLeafType(getNullableType(type))) return [];
    const name = definition.variable.name.value;
    // Lists of leaves cost the same however often they are used.
    const isObject = isInputObjectType(getNamedType(type));
    const { defaultValue } = definition;
    return [
      {
        name,
        type,
        otherwise: defaultValue && valueFromASTUntyped(defaultValue),
        uses: isObject ? Math.max(1, counted.get(name) ?? 0) : 1,
      },
    ];
  });
  return { schema, written: counted.get(inText) ?? 0, carriers };
}

/** Whether the text itself gives the value: a variable may be left out. */
function isWritten(given: readonly (ArgumentNode | ObjectFieldNode)[]) {
  return (name: string): boolean =>
    given.some((one) => one.name.value === name && one.value.kind !== Kind.VARIABLE);
}

/** The key for counts of the text itself; no variable has an empty name. */
const inText = '';

/**
 * Counts how often variables occur below a selection, and the fields of objects in its text and in
 * the defaults of its arguments. Fragments are expanded, and each is counted once.
 */
function createCount(fragments: Fragments, widths: ReadonlyMap<ASTNode, number>) {
  const byFragment = new Map<string, ReadonlyMap<string, number>>();
  const usesOf = (selections: SelectionSetNode): ReadonlyMap<string, number> => {
    const uses = new Map<string, number>();
    const add = (name: string, times: number): unknown =>
      uses.set(name, (uses.get(name) ?? 0) + times);
    visit(selections, {
      [Kind.VARIABLE]: ({ name }) => {
        add(name.value, 1);
      },
      [Kind.FIELD]: (node) => {
        add(inText, widths.get(node) ?? 0);
      },
      [Kind.OBJECT]: (node) => {
        add(inText, widths.get(node) ?? 0);
      },
      [Kind.FRAGMENT_SPREAD]: ({ name }) => {
        for (const [variable, times] of ofFragment(name.value)) add(variable, times);
      },
    });
    return uses;
  };
  const ofFragment = (name: string): ReadonlyMap<string, number> => {
    const found = byFragment.get(name);
    if (found !== undefined) return found;
    const fragment = fragments.get(name);
    const uses = fragment === undefined ? new Map<string, number>() : usesOf(fragment.selectionSet);
    byFragment.set(name, uses);
    return uses;
  };
  return usesOf;
}

interface Given {
  readonly type: GraphQLInputType;
  readonly value: unknown;
}

/** Entries of lists and fields of input objects, given or not; stops above `max`. */
function countInputs(given: Given, executable: GraphQLSchema, max: number): number {
  const pending: Given[] = [given];
  let count = 0;
  for (let one = pending.pop(); one !== undefined && count <= max; one = pending.pop()) {
    const { length, inside } = partsOf(one, executable);
    count += length;
    // Pushed one by one: spreading a very long list overflows the stack.
    if (count <= max) for (const part of inside) pending.push(part);
  }
  return count;
}

const nothing = { length: 0, inside: [] };

/** The number of parts to visit in a value, and those that are present. */
function partsOf(
  { type, value }: Given,
  executable: GraphQLSchema,
): { length: number; inside: readonly Given[] } {
  const inner = getNullableType(type);
  if (typeof value !== 'object' || value === null) return nothing;
  if (isListType(inner)) {
    const entries: readonly unknown[] = Array.isArray(value) ? value : [value];
    return {
      length: entries.length,
      inside: entries.map((entry) => ({ type: inner.ofType, value: entry })),
    };
  }
  if (!isInputObjectType(inner)) return nothing;
  const fields = inner.getFields();
  const inside = Object.entries(value).flatMap(([name, given]) => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return field === undefined ? [] : [{ type: field.type, value: given }];
  });
  const width = widthOf(inner, executable, (name) => Object.hasOwn(value, name));
  return { length: width, inside };
}
