/**
 * Executes a delegated document over a translated schema: each root field is one REST call.
 *
 * Only selected fields are returned. An upstream contributes data, nothing else: every error is
 * rebuilt as an UpstreamFailure with its path, because graphql-js and JSON.parse quote the
 * offending values. A call that cannot be made safely is not made.
 */
import type { ExecutionRequest, ExecutionResult, Executor } from '@graphql-tools/utils';
import { execute, GraphQLError, type GraphQLField, type GraphQLSchema } from 'graphql';
import { UpstreamFailure, upstreamFailureMessages } from '../../../errors.ts';
import type { AskedCall, Direct, RestCall, RestRead } from '../../../graph/graph-parts.ts';
import type { DelegationContext, Transport, UpstreamAnswer } from '../../upstream.ts';
import { isJsonMediaType } from '../document/pick-media-type.ts';
import { compileField, compileRead, readingOf, typeOfIn } from './answer-shape.ts';
import type { RestContext } from './build-operation.ts';
import { CallGate, type CallGateOptions } from './call-gate.ts';
import type { RestOperation } from './rest-operation.ts';
import { fieldsetOf } from './select-fields.ts';
import { toUpstreamRequest } from './upstream-request.ts';

/** Concurrent REST calls of one caller's request; further ones wait. */
const runningMax = 16;
const waitingMax = 2_000;
const errorsMax = 100;

export interface RestExecutorOptions {
  schema: GraphQLSchema;
  operations: ReadonlyMap<string, RestOperation>;
  send: Transport;
  upstream: string;
}

export interface RestUpstream {
  readonly executor: Executor;
  readonly direct: Extract<Direct, { kind: 'openapi' }>;
}

/** Executor and direct access share one limit on the calls of a caller's request. */
export function createRestUpstream(options: RestExecutorOptions): RestUpstream {
  const { schema, upstream } = options;
  // One caller's request delegates many times: the limit is per request, not per delegation.
  const gating = toGating(options);

  const send = async (operation: RestOperation, asked: AskedCall): Promise<unknown> => {
    const { context } = asked;
    const request = toUpstreamRequest(operation, asked.args, upstream, asked.fields);
    const gate = gateOf(context, gating);
    // Most calls need not wait, and a needless await costs time.
    const turn = gate.enter(context.signal);
    if (turn !== undefined) await turn;
    try {
      return readAnswer(operation, await options.send(request, context), upstream);
    } finally {
      gate.leave();
    }
  };

  const executor = async <TReturn>(
    request: ExecutionRequest,
  ): Promise<ExecutionResult<TReturn>> => {
    const context: DelegationContext = request.context;
    const contextValue: RestContext = {
      call: (operation, args, fields) => send(operation, { args, fields, context }),
    };
    const result = await execute({
      schema,
      document: request.document,
      variableValues: request.variables,
      operationName: request.operationName,
      contextValue,
    });
    // The caller of an Executor determines the type of its result; it is unknown here.
    const data: unknown = result.data;
    const errors = result.errors && toOwnErrors(result.errors, upstream);
    return { data: data as TReturn, ...(errors === undefined ? {} : { errors }) };
  };
  return { executor, direct: toDirect(options, send) };
}

/** Access to the upstream without the executor. */
function toDirect(
  { schema, operations, upstream }: RestExecutorOptions,
  send: (operation: RestOperation, asked: AskedCall) => Promise<unknown>,
): RestUpstream['direct'] {
  const calls = new Map<string, RestCall>();
  for (const [coordinate, operation] of operations) {
    const { select } = operation;
    calls.set(coordinate, {
      send: (asked) => send(operation, asked),
      refuses: (args) => refusalOf(() => toUpstreamRequest(operation, args, upstream)),
      fieldsOf: (field, node) => {
        const selected = { fieldNodes: [node], fragments: {}, variableValues: {} };
        return select && fieldsetOf(select, field.type, selected);
      },
    });
  }
  return {
    kind: 'openapi',
    schema,
    calls,
    typeOf: typeOfIn,
    readOf: (field) => readOf(field, upstream),
  };
}

function refusalOf(make: () => unknown): UpstreamFailure | undefined {
  try {
    make();
    return undefined;
  } catch (error) {
    if (error instanceof UpstreamFailure) return error;
    throw error;
  }
}

function readOf(field: GraphQLField<unknown, unknown>, upstream: string): RestRead | undefined {
  const reading = readingOf(field);
  if (reading === undefined) return undefined;
  const { wire, shape } = reading;
  const read = wire === undefined ? compileField(reading, upstream) : compileRead(shape, upstream);
  const takesText = shape.kind === 'scalar' && (shape.accepts === 'text' || shape.accepts === 'id');
  return { wire, read, takesText };
}

function toGating({ upstream }: RestExecutorOptions): CallGateOptions {
  return {
    runningMax,
    waitingMax,
    refuse: (why, { reason }) => {
      const isLate = reason instanceof Error && reason.name === 'TimeoutError';
      const code = isLate ? 'UPSTREAM_TIMEOUT' : 'UPSTREAM_FAILED';
      return new UpstreamFailure({ code, upstream, why });
    },
  };
}

/** The context's gate for this upstream. */
function gateOf(context: DelegationContext, gating: CallGateOptions): CallGate {
  context.gates ??= [];
  for (const gate of context.gates) if (gate.options === gating) return gate;
  const gate = new CallGate(gating);
  context.gates.push(gate);
  return gate;
}

function readAnswer(operation: RestOperation, answer: UpstreamAnswer, upstream: string): unknown {
  const { status, body, contentType } = answer;
  if (status === 404 && operation.method === 'GET') return null;
  if (status < 200 || status > 299)
    throw new UpstreamFailure({ upstream, why: `status ${status}` });
  const expected = operation.answer;
  if (expected === undefined) return true;
  if (body === '' && expected.mayBeEmpty) return null;
  if (!isJsonMediaType(contentType)) {
    throw new UpstreamFailure({ upstream, why: 'an answer that is not JSON' });
  }
  const value = parseJson(body, upstream);
  if (value === null && expected.nullable) return null;
  return expected.read(value);
}

function parseJson(body: string, upstream: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // The parser's message quotes the body, so it is not kept as a cause.
    throw new UpstreamFailure({ upstream, why: 'an answer that is not JSON' });
  }
}

function toOwnErrors(errors: readonly GraphQLError[], upstream: string): GraphQLError[] {
  const kept = errors.slice(0, errorsMax).map((error) => toOwnError(error, upstream));
  if (errors.length <= errorsMax) return kept;
  const why = `${errors.length - errorsMax} further failures`;
  return [...kept, toGraphQLError(new UpstreamFailure({ upstream, why }), undefined)];
}

function toOwnError({ originalError, path }: GraphQLError, upstream: string): GraphQLError {
  const failure =
    originalError instanceof UpstreamFailure
      ? originalError
      : new UpstreamFailure({
          upstream,
          why: `${path === undefined ? 'a request' : 'an answer'} that does not fit the schema`,
        });
  return toGraphQLError(failure, path);
}

function toGraphQLError(failure: UpstreamFailure, path: GraphQLError['path']): GraphQLError {
  const { code } = failure;
  return new GraphQLError(upstreamFailureMessages[code], {
    ...(path === undefined ? {} : { path }),
    originalError: failure,
    extensions: { code },
  });
}
