/**
 * Sends a delegated operation to a GraphQL upstream and returns what its response may contribute:
 * data that fits the pinned schema, and failures with paths.
 *
 * Each operation is a separate request: nothing in flight is shared, so no caller can receive
 * another's response. The caller's operation name and the upstream's extensions are not passed on.
 * Objects of abstract types are told apart by an unaliased `__typename`, which stitching always
 * selects.
 */
import type { ExecutionRequest, ExecutionResult, Executor } from '@graphql-tools/utils';
import {
  buildSchema,
  type DocumentNode,
  type GraphQLSchema,
  getNullableType,
  getOperationAST,
  getVariableValues,
  isIntrospectionType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  print,
  printSchema,
} from 'graphql';
import { UpstreamFailure } from '../../errors.ts';
import type { Direct } from '../../graph/graph-parts.ts';
import type { DelegationContext, Transport, UpstreamAnswer } from '../upstream.ts';
import { type Delegated, failEverywhere, type Reading, readAnswer } from './graphql-answer.ts';
import { type WireNames, wireNamesOf } from './graphql-wire-names.ts';

export interface GraphqlExecutorOptions {
  readonly upstream: string;
  readonly schema: GraphQLSchema;
  readonly send: Transport;
  /** Prefix of the type names in `schema`, absent from the upstream's own. */
  readonly prefix?: string | undefined;
}

const requestHeaders = {
  accept: 'application/graphql-response+json, application/json',
  'content-type': 'application/json',
};

/** An executor whose `context` is a DelegationContext; returns upstream failures as errors. */
export function createGraphqlExecutor(options: GraphqlExecutorOptions): Executor {
  const { upstream, send } = options;
  const names = wireNamesOf(options.schema, options.prefix);
  const reading = { ...toReading(options.schema), toPublic: names.toPublic };
  dropArguments(reading.schema);
  const run = async (request: ExecutionRequest): Promise<ExecutionResult> => {
    const document = withoutOperationName(request.document);
    const operation = getOperationAST(document);
    const variables: Readonly<Record<string, unknown>> = request.variables ?? {};
    refuseUnfit({ schema: reading.schema, operation, variables, upstream });
    const answer = await ask(send, { document, variables }, names, request.context);
    const delegated = { ...reading, upstream, document: withoutInputs(document), variables };
    if (answer instanceof UpstreamFailure) return failEverywhere(delegated, answer);
    return readAnswer(delegated, answer);
  };
  return run as Executor;
}

async function ask(
  send: Transport,
  { document, variables }: Pick<Delegated, 'document' | 'variables'>,
  names: WireNames,
  context: DelegationContext,
): Promise<UpstreamAnswer | UpstreamFailure> {
  const label: OperationTypeNode = getOperationAST(document)?.operation ?? OperationTypeNode.QUERY;
  const isRead = label === OperationTypeNode.QUERY;
  const body = JSON.stringify({ query: print(names.toWire(document)), variables });
  const request = { method: 'POST', path: '/', label, isRead, headers: requestHeaders, body };
  try {
    return await send(request, context);
  } catch (error) {
    if (error instanceof UpstreamFailure) return error;
    throw error;
  }
}

/** Throws, before anything is sent, if a fault of the gateway would make the answer unreadable. */
function refuseUnfit(about: {
  schema: GraphQLSchema;
  operation: OperationDefinitionNode | null | undefined;
  variables: Readonly<Record<string, unknown>>;
  upstream: string;
}): void {
  const { schema, operation, variables, upstream } = about;
  if (operation === null || operation === undefined) {
    throw new Error(`upstream ${upstream}: a delegated document must hold one operation`);
  }
  if (operation.operation === OperationTypeNode.SUBSCRIPTION) {
    throw new Error(`upstream ${upstream}: subscriptions are not delegated`);
  }
  const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  // graphql-js quotes values in these errors, which must not be passed on.
  if (errors !== undefined) throw new Error(`upstream ${upstream}: delegated variables do not fit`);
}

function withoutOperationName(document: DocumentNode): DocumentNode {
  return mapOperations(document, ({ name: _, ...rest }) => rest);
}

/**
 * Keeps only the Boolean variables, for @skip and @include: the others were validated before
 * sending, may be very large, and are not needed to read the response.
 */
function withoutInputs(document: DocumentNode): DocumentNode {
  return mapOperations(document, ({ variableDefinitions = [], ...rest }) => ({
    ...rest,
    variableDefinitions: variableDefinitions.filter(({ type }) => {
      const inner = type.kind === Kind.NON_NULL_TYPE ? type.type : type;
      return inner.kind === Kind.NAMED_TYPE && inner.name.value === 'Boolean';
    }),
  }));
}

function mapOperations(
  document: DocumentNode,
  change: (operation: OperationDefinitionNode) => OperationDefinitionNode,
): DocumentNode {
  const definitions = document.definitions.map((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION ? change(definition) : definition,
  );
  return { ...document, definitions };
}

/** The response does not depend on arguments, and reading it would coerce them for every row. */
function dropArguments(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    // The introspection types are shared with all schemas.
    if (!isObjectType(type) || isIntrospectionType(type)) continue;
    for (const field of Object.values(type.getFields())) field.args = [];
  }
}

/** Access to the upstream without the executor. */
export function toGraphqlDirect({ schema, send, prefix }: GraphqlExecutorOptions): Direct {
  const { toWireName } = wireNamesOf(schema, prefix);
  return { kind: 'graphql', ...toReading(schema), send, toWireName };
}

/**
 * A private copy in which root fields are nullable: delegations that share a request must not lose
 * their data because another one's root field failed.
 */
function toReading(original: GraphQLSchema): Omit<Reading, 'toPublic'> {
  // The original is validated; without its `!`, a root no longer satisfies an interface that it
  // implements.
  const schema = buildSchema(printSchema(original), { assumeValid: true });
  const required = new Set<string>();
  for (const root of [schema.getQueryType(), schema.getMutationType()]) {
    for (const field of Object.values(root?.getFields() ?? {})) {
      if (isNonNullType(field.type)) required.add(`${root?.name}.${field.name}`);
      field.type = getNullableType(field.type);
    }
  }
  return { schema, required };
}
