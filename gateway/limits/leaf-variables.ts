/**
 * The fast path of variable coercion, for operations whose variables are all leaves without
 * defaults, as most are: their types are resolved once per operation. Anything unusual in a
 * declaration or a value falls back to variables.ts: both give the same values, and only that one
 * reports errors.
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
  /** Undefined if a variable is not a plain leaf. */
  readonly leaves: readonly LeafVariable[] | undefined;
}

/** Cached on the operation, and so for as long as its document is cached. */
const leavesByOperation = createMemo<OperationDefinitionNode, Known>();

/** Undefined if the general path must decide. */
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
  // Most values are strings, which hold no number.
  if (typeof value !== 'string' && hasInexact(type, value)) return undefined;
  try {
    return type.parseValue(value);
  } catch {
    // The general path coerces it again and reports the error.
    return undefined;
  }
}

function leavesOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
): readonly LeafVariable[] | undefined {
  const found = leavesByOperation.get(operation);
  if (found?.schema === schema) return found.leaves;
  const leaves = findLeaves(schema, operation);
  leavesByOperation.set(operation, { schema, leaves });
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
