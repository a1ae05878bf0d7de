/**
 * The answer a caller must get: the caller's own document executed over the whole data, with
 * every field asked of the oracle at its concrete type. Slow and plain; it plans nothing.
 */
import {
  buildASTSchema,
  type DocumentNode,
  execute,
  type FieldNode,
  GraphQLError,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getOperationAST,
  parse,
  printSchema,
  type TypeNode,
  visit,
} from 'graphql';
import { maySupply, suppliedVariables, type Values } from './inputs.ts';
import type { Oracle } from './oracle.ts';
import type { AnyCaller } from './policy.ts';
import { isRejected } from './rejection.ts';
import { asRow, fieldValue, type Row } from './rows.ts';
import { unifiedSchema } from './schema.ts';

export interface Asked {
  readonly oracle: Oracle;
  readonly publicSchema: GraphQLSchema;
  readonly caller: AnyCaller;
  readonly document: DocumentNode;
  readonly operationName: string | undefined;
  readonly variables: Values;
}

/** A masked leaf in an expected answer: how it is masked, and what must not be seen. */
class Masked {
  readonly mask: 'last4' | 'redact';
  readonly value: string;

  constructor(mask: 'last4' | 'redact', value: string) {
    this.mask = mask;
    this.value = value;
  }
}

export interface ExpectedAnswer {
  /** `maybe`: what would refuse the operation stands below a field that is refused anyway. */
  readonly rejected: 'yes' | 'no' | 'maybe';
  readonly data: unknown;
  readonly denied: readonly { path: readonly (string | number)[]; coordinate: string }[];
  readonly masked: ReadonlySet<string>;
}

// Refusals never bubble, so in the reference nothing is non-null.
const lenientSchema = buildASTSchema(
  visit(parse(printSchema(unifiedSchema)), {
    FieldDefinition: (node) => ({ ...node, type: withoutNonNull(node.type) }),
  }),
);

function withoutNonNull(type: TypeNode): TypeNode {
  if (type.kind === 'NonNullType') return withoutNonNull(type.type);
  return type.kind === 'ListType' ? { ...type, type: withoutNonNull(type.type) } : type;
}

/** The answer that is due; `rejected` answers have no data whatever stands in `data`. */
export async function referenceAnswer(asked: Asked): Promise<ExpectedAnswer> {
  const { document, operationName } = asked;
  const operation = getOperationAST(document, operationName);
  if (!operation) throw new Error('no such operation');
  const variables = suppliedVariables(operation, asked.variables);
  const rejected = isRejected({
    ...asked,
    variables,
    operation,
    mutation: operation.operation === 'mutation',
  });
  const masked = new Set<string>();
  const result = await execute({
    schema: lenientSchema,
    document,
    variableValues: asked.variables,
    ...(operationName === undefined ? {} : { operationName }),
    rootValue: { n: 0 },
    fieldResolver: (source: Row, given: Values, _context, info) =>
      resolve(asked, variables, masked, source, given, info),
  });
  const denied = (result.errors ?? []).map(({ path, extensions, originalError, message }) => {
    const { coordinate } = extensions;
    if (typeof coordinate !== 'string') throw originalError ?? new Error(message);
    return { path: path ?? [], coordinate };
  });
  return { rejected, data: await withIntrospection(asked, result.data), denied, masked };
}

function resolve(
  { oracle, caller }: Asked,
  variables: Values,
  masked: Set<string>,
  source: Row,
  given: Values,
  info: GraphQLResolveInfo,
): unknown {
  const { parentType, fieldName } = info;
  const coordinate = `${parentType.name}.${fieldName}`;
  const verdict = oracle.verdict(caller, parentType.name, fieldName);
  const field = parentType.getFields()[fieldName];
  const passing = { oracle, caller, variables, mutation: info.operation.operation === 'mutation' };
  const supplied = info.fieldNodes[0]?.arguments ?? [];
  const open = field !== undefined && maySupply(passing, parentType.name, field, supplied);
  if (verdict === 'no' || verdict === 'reject' || !open) {
    throw new GraphQLError('denied', { extensions: { coordinate } });
  }
  const value = fieldValue(asRow(source, parentType), fieldName, info.returnType, given);
  if (verdict === 'yes' || typeof value !== 'string') return value;
  masked.add(coordinate);
  return maskToken(verdict, value);
}

const maskPrefix = 'masked by ';

/** Masked values pass through the String scalar as text; `readMasked` finds them again. */
function maskToken(mask: string, value: string): string {
  return `${maskPrefix}${mask} ${value}`;
}

/** The mask of an expected leaf, or undefined where the leaf is due as it is. */
export function readMasked(leaf: unknown): Masked | undefined {
  if (typeof leaf !== 'string' || !leaf.startsWith(maskPrefix)) return undefined;
  const [mask = '', ...rest] = leaf.slice(maskPrefix.length).split(' ');
  return new Masked(mask === 'last4' ? 'last4' : 'redact', rest.join(' '));
}

/** Introspection is answered from the schema that callers see, not from the reference's own. */
async function withIntrospection(asked: Asked, data: unknown): Promise<unknown> {
  if (typeof data !== 'object' || data === null) return data;
  const names = new Set(['__schema', '__type']);
  const keys = new Set<string>();
  visit(asked.document, {
    Field: (node: FieldNode) => {
      if (names.has(node.name.value)) keys.add(node.alias?.value ?? node.name.value);
    },
  });
  if (keys.size === 0) return data;
  const { data: seen } = await execute({
    schema: asked.publicSchema,
    document: asked.document,
    variableValues: asked.variables,
    ...(asked.operationName === undefined ? {} : { operationName: asked.operationName }),
  });
  const entries = Object.entries(data).map(([key, value]: [string, unknown]) =>
    keys.has(key) && seen ? [key, seen[key]] : [key, value],
  );
  return Object.fromEntries(entries);
}
