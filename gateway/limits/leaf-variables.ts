/**
 * The short way to coerce variables: where all that an operation declares are leaves without
 * defaults, as most are, what each must be is found once per operation. Whatever is out of the
 * ordinary, in the declaration or in a value, is left to the general way: the same values come of
 * both, and only that one says what is wrong.
 */
import {
  type GraphQLLeafType,
  type GraphQLSchema,
  isLeafType,
  isNonNullType,
  type NamedTypeNode,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql';
import { createMemo } from '../caches/memo.ts';
import { hasInexact } from './exact-numbers.ts';

type Values = Readonly<Record<string, unknown>>;

interface LeafVariable {
  readonly name: string;
  readonly type: GraphQLLeafType;
  readonly isRequired: boolean;
}

interface Known {
  readonly schema: GraphQLSchema;
  /** Undefined where some are no plain leaves. */
  readonly leaves: readonly LeafVariable[] | undefined;
}

/** Operations live as long as their documents are cached. */
const known = createMemo<OperationDefinitionNode, Known>();

/** Undefined where the general way must tell. */
export function coerceLeaves(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: Values,
): { raw: Values; coerced: Values } | undefined {
  const leaves = leavesOf(schema, operation);
  if (leaves === undefined) return undefined;
  const raw: Record<string, unknown> = Object.create(null);
  const coerced: Record<string, unknown> = {};
  for (const { name, type, isRequired } of leaves) {
    if (!Object.hasOwn(given, name)) {
      if (isRequired) return undefined;
      continue;
    }
    const value = given[name];
    raw[name] = value;
    if (value === null) {
      if (isRequired) return undefined;
      coerced[name] = null;
      continue;
    }
    const parsed = parse(type, value);
    if (parsed === undefined) return undefined;
    coerced[name] = parsed;
  }
  return { raw, coerced };
}

function parse(type: GraphQLLeafType, value: unknown): unknown {
  // Most are texts, which hold no number.
  if (typeof value !== 'string' && hasInexact(type, value)) return undefined;
  try {
    return type.parseValue(value);
  } catch {
    // Tried again the general way, which says what is wrong.
    return undefined;
  }
}

function leavesOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
): readonly LeafVariable[] | undefined {
  const found = known.get(operation);
  if (found?.schema === schema) return found.leaves;
  const leaves = findLeaves(schema, operation);
  known.set(operation, { schema, leaves });
  return leaves;
}

function findLeaves(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
): readonly LeafVariable[] | undefined {
  const leaves: LeafVariable[] = [];
  for (const { variable, type: written, defaultValue } of variableDefinitions) {
    const name = variable.name.value;
    const type = typeFromAST(schema, written as NamedTypeNode);
    const isRequired = isNonNullType(type);
    const inner = isRequired ? type.ofType : type;
    if (name === '__proto__' || defaultValue !== undefined || !isLeafType(inner)) return undefined;
    leaves.push({ name, type: inner, isRequired });
  }
  return leaves;
}
