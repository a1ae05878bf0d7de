/**
 * The reference engine: graphql-yoga over the stitched schema. It takes every operation, and
 * carries the second locks: shield on the schema, the depth limit in Yoga's validation.
 *
 * The spine hands over a document that is parsed, limited, validated and authorised already, so
 * Yoga's own HTTP face is closed: no CORS, no batches, no GraphiQL, no landing page, and its
 * caches are off, because they key validation by the names of rules. Its pipeline (validate with
 * its plugins, execute with cancellation, masking) runs as it is.
 */
import { useDepthLimit } from '@envelop/depth-limit';
import { type DocumentNode, GraphQLError, type GraphQLSchema } from 'graphql';
import { createYoga, type Plugin, useExecutionCancellation } from 'graphql-yoga';
import { createMemo } from '../caches/memo.ts';
import type { DelegationContext } from '../delegate/upstream.ts';
import type { Engine, EngineError, EngineResult, Project } from '../engine.ts';
import { describeFault, publicFaces, SecondLockRefusal, UpstreamFailure } from '../errors.ts';
import type { Delivery } from '../plan/delivery.ts';
import { type AuthorizedOperation, innerStepOf, toCallerKey } from '../plan/plan.ts';
import { toAbortSignal } from '../time/stop-signal.ts';
import { awaitFailedItems } from './failed-items.ts';
import { type Lifted, liftInputs } from './lift-inputs.ts';
import { type FirstReads, readFirst } from './read-first.ts';

/** It has room for everything: it never refuses. */
export interface ReferenceEngine extends Engine {
  execute(...asked: Parameters<Engine['execute']>): Promise<EngineResult>;
}

export function createReferenceEngine(options: {
  /** Executable, with the second lock on it; its resolvers of lists are wrapped in place. */
  schema: GraphQLSchema;
  /** Nested fields, leaf included. */
  depthMax: number;
  project: Project;
  /** Further second locks. */
  plugins?: readonly Plugin[];
  /** Fields of the mutation type before which something may be read; none unless told. */
  writes?: Iterable<string>;
}): ReferenceEngine {
  awaitFailedItems(options.schema);
  readFirst(options.schema, options.writes ?? [], classify);
  const yoga = createYoga<object>({
    schema: options.schema,
    cors: false,
    batching: false,
    graphiql: false,
    landingPage: false,
    multipart: false,
    logging: false,
    parserAndValidationCache: false,
    maskedErrors: { maskError },
    // Counts edges, not fields: one less for the same operation.
    plugins: [
      useDepthLimit({ maxDepth: options.depthMax - 1 }),
      useExecutionCancellation(),
      ...(options.plugins ?? []),
    ],
  });
  const validated = createMemo<DocumentNode, Lifted>();

  async function execute(
    operation: AuthorizedOperation,
    variables: Readonly<Record<string, unknown>>,
    context: DelegationContext,
    delivery: Delivery,
  ): Promise<EngineResult> {
    const { projection, writes } = operation;
    if (operation.document === undefined)
      return { projected: options.project(projection, {}, delivery), errors: [] };
    const known = validated.get(operation.document);
    const lifted = known ?? liftInputs(operation.document, options.schema);
    const given = lifted.withLifted(variables);
    const { judge } = delivery;
    const first: FirstReads | undefined = writes && {
      guards: writes,
      judge,
      errors: [],
      granted: new Set(),
    };
    const pipeline = yoga.getEnveloped({
      ...context,
      ...(first && { first }),
      ...(lifted.asWritten && { asWritten: lifted.asWritten(variables) }),
      // Not an own property everywhere.
      inboundHeaders: context.inboundHeaders,
      sentVariables: given,
      request: { signal: toAbortSignal(context.signal) },
    });
    if (known === undefined) {
      const errors = pipeline.validate(pipeline.schema, operation.document);
      if (errors.length > 0)
        throw new Error(`the plan does not validate: ${errors.map(String).join('; ')}`);
      validated.set(operation.document, lifted);
    }
    const result = await pipeline.execute({
      schema: pipeline.schema,
      document: lifted.document,
      variableValues: pick(given, [...operation.variableNames, ...lifted.names]),
      contextValue: await pipeline.contextFactory(),
    });
    context.signal.throwIfAborted();
    return {
      projected: options.project(projection, result.data, delivery),
      errors: [
        ...(first?.errors ?? []),
        ...onePerPlace(result.errors ?? [], result.data).flatMap((error) =>
          toEngineErrors(error, result.data),
        ),
      ],
    };
  }

  return { name: 'reference', execute };
}

/** Only our words and a code; the original stays inside for the operator. */
function maskError(error: unknown): GraphQLError {
  const { code } = classify(error);
  const path = error instanceof GraphQLError ? error.path : undefined;
  return new GraphQLError(publicFaces['gateway/internal'].message, {
    ...(path === undefined ? {} : { path }),
    ...(error instanceof Error ? { originalError: error } : {}),
    extensions: { code },
  });
}

/**
 * Where several failures lie in one place that is lost, the one nearest to it: the executor tells
 * those of places that were lost later, too. A refusal of the second lock goes before all others:
 * it raises an alert, which no failure beside it may hide.
 */
function onePerPlace(errors: readonly GraphQLError[], data: unknown): GraphQLError[] {
  const byPlace = new Map<unknown, GraphQLError>();
  for (const error of errors) {
    const { path } = error;
    const place = path === undefined ? error : JSON.stringify(nullOn(data, path) ?? path);
    const told = byPlace.get(place);
    if (told === undefined || isToldBefore(error, told)) byPlace.set(place, error);
  }
  return [...byPlace.values()];
}

function isToldBefore(one: GraphQLError, other: GraphQLError): boolean {
  const isLocked = findLock(rootCauses(one)) !== undefined;
  if (isLocked !== (findLock(rootCauses(other)) !== undefined)) return isLocked;
  return (one.path?.length ?? 0) < (other.path?.length ?? 0);
}

/**
 * What was asked for the gateway alone has no place in the caller's answer: its failure is told
 * where it took something of the caller's away, and else to the operator alone.
 */
function toEngineErrors(error: GraphQLError, data: unknown): EngineError[] {
  let { path } = error;
  const inner = path && innerStepOf(path);
  if (path !== undefined && inner !== undefined) {
    path = nullOn(data, path.slice(0, inner + 1));
    if (path === undefined) return [{ ...classify(error), path, isInner: true }];
  }
  const told = path?.map((key) => (typeof key === 'string' ? toCallerKey(key) : key));
  return [{ ...classify(error), path: told }];
}

/** The part of a path that ends at a null above its last step; undefined where there is none. */
function nullOn(
  data: unknown,
  path: readonly (string | number)[],
): readonly (string | number)[] | undefined {
  let value = data;
  for (const [index, key] of path.entries()) {
    if (typeof value !== 'object' || value === null) return path.slice(0, index);
    value = Reflect.get(value, key);
  }
  return undefined;
}

function classify(error: unknown): { code: EngineError['code']; why: string } {
  const causes = rootCauses(error);
  const lock = findLock(causes);
  if (lock !== undefined) return { code: 'FORBIDDEN', why: lock.message };
  const foreign = causes.find((cause) => !(cause instanceof UpstreamFailure));
  if (foreign !== undefined) return { code: 'INTERNAL', why: describeFault(foreign) };
  const [first] = causes;
  if (first instanceof UpstreamFailure) return { code: first.code, why: first.message };
  return { code: 'INTERNAL', why: 'an error without a cause' };
}

function findLock(causes: readonly unknown[]): SecondLockRefusal | undefined {
  return causes.find((cause) => cause instanceof SecondLockRefusal);
}

/** What stands behind an error, through every wrapper that stitching and executing put around it. */
function rootCauses(error: unknown, depth = 0): unknown[] {
  if (depth > 20) return [error];
  if (error instanceof AggregateError)
    return error.errors.flatMap((one) => rootCauses(one, depth + 1));
  if (error instanceof GraphQLError && error.originalError !== undefined) {
    return rootCauses(error.originalError, depth + 1);
  }
  return [error];
}

function pick(
  source: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Record<string, unknown> {
  const picked: Record<string, unknown> = Object.create(null);
  for (const name of names) if (Object.hasOwn(source, name)) picked[name] = source[name];
  return picked;
}
