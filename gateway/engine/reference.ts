/**
 * The reference engine: graphql-yoga over the stitched schema. It takes every operation, and
 * carries the second locks: shield on the schema, the depth limit in Yoga's validation.
 *
 * The spine passes a document that is already parsed, limited, validated and authorised, so Yoga's
 * own HTTP features are off: CORS, batching, GraphiQL, landing page. Its caches are off as well,
 * because they key validation by rule names. Its pipeline (validation plugins, cancellable
 * execution, masking) runs as it is.
 */
import { useDepthLimit } from '@envelop/depth-limit';
import { type DocumentNode, GraphQLError, type GraphQLSchema } from 'graphql';
import { createYoga, type Plugin, useExecutionCancellation } from 'graphql-yoga';
import { createMemo } from '../caches/memo.ts';
import { toCallContext } from '../delegate/upstream.ts';
import type { Engine, EngineError, EngineResult, Project } from '../engine.ts';
import { describeFault, publicFaces, SecondLockRefusal, UpstreamFailure } from '../errors.ts';
import type { Delivery } from '../plan/delivery.ts';
import { type AuthorizedOperation, innerStepOf, toCallerKey } from '../plan/plan.ts';
import { toAbortSignal } from '../time/stop-signal.ts';
import { awaitFailedItems } from './failed-items.ts';
import { type Lifted, liftInputs } from './lift-inputs.ts';
import { type FirstReads, readFirst } from './read-first.ts';

/** An engine that takes every operation and never refuses. */
export interface ReferenceEngine extends Engine {
  execute(...asked: Parameters<Engine['execute']>): Promise<EngineResult>;
}

export interface ReferenceEngineOptions {
  /** Executable and wrapped by the second lock; the resolvers of its lists are wrapped in place. */
  readonly schema: GraphQLSchema;
  /** Most nested fields, leaf included. */
  readonly depthMax: number;
  readonly project: Project;
  /** Further second locks. */
  readonly plugins?: readonly Plugin[];
  /** Mutation fields before which something may be read, as coordinates; none by default. */
  readonly writes?: Iterable<string>;
}

export function createReferenceEngine(options: ReferenceEngineOptions): ReferenceEngine {
  const { schema, project, writes = [] } = options;
  awaitFailedItems(schema);
  readFirst(schema, writes, classify);
  const yoga = createPipeline(options);
  /** Documents that the pipeline has validated. */
  const validated = createMemo<DocumentNode, Lifted>();

  return {
    name: 'reference',
    async execute(operation, variables, context, delivery) {
      const { document, projection } = operation;
      if (document === undefined)
        return { projected: project(projection, {}, delivery), errors: [] };
      const cached = validated.get(document);
      const lifted = cached ?? liftInputs(document, schema);
      const given = lifted.withLifted(variables);
      const first = toFirstReads(operation, delivery);
      const pipeline = yoga.getEnveloped({
        ...toCallContext(context),
        ...(first && { first }),
        ...(lifted.asWritten && { asWritten: lifted.asWritten(variables) }),
        sentVariables: given,
        request: { signal: toAbortSignal(context.signal) },
      });
      if (cached === undefined) {
        refuseInvalid(pipeline.validate(pipeline.schema, document));
        validated.set(document, lifted);
      }
      const { data, errors } = await pipeline.execute({
        schema: pipeline.schema,
        document: lifted.document,
        variableValues: pick(given, [...operation.variableNames, ...lifted.names]),
        contextValue: await pipeline.contextFactory(),
      });
      context.signal.throwIfAborted();
      const projected = project(projection, data, delivery);
      return { projected, errors: [...(first?.errors ?? []), ...toErrors(errors, data)] };
    },
  };
}

/** Yoga with the second locks, without its HTTP features and caches. */
function createPipeline({ schema, depthMax, plugins = [] }: ReferenceEngineOptions) {
  return createYoga<object>({
    schema,
    cors: false,
    batching: false,
    graphiql: false,
    landingPage: false,
    multipart: false,
    logging: false,
    parserAndValidationCache: false,
    maskedErrors: { maskError },
    // The package counts edges, not fields: one less for the same operation.
    plugins: [useDepthLimit({ maxDepth: depthMax - 1 }), useExecutionCancellation(), ...plugins],
  });
}

function toFirstReads(
  { writes }: AuthorizedOperation,
  { judge }: Delivery,
): FirstReads | undefined {
  return writes && { guards: writes, judge, errors: [], granted: new Set() };
}

/** Throws: the spine has validated the operation, so the gateway itself is at fault. */
function refuseInvalid(errors: readonly unknown[]): void {
  if (errors.length === 0) return;
  throw new Error(`the plan does not validate: ${errors.map(String).join('; ')}`);
}

/**
 * Replaces the message by our own and a code; the original error stays attached for the operator.
 */
function maskError(error: unknown): GraphQLError {
  const { code } = classify(error);
  const path = error instanceof GraphQLError ? error.path : undefined;
  return new GraphQLError(publicFaces['gateway/internal'].message, {
    ...(path === undefined ? {} : { path }),
    ...(error instanceof Error ? { originalError: error } : {}),
    extensions: { code },
  });
}

function toErrors(errors: readonly GraphQLError[] = [], data: unknown): EngineError[] {
  return onePerPlace(errors, data).flatMap((error) => toEngineErrors(error, data));
}

/**
 * Keeps one error per nulled place, the one nearest to it: the executor also reports errors below
 * places that are already null. A second-lock refusal takes precedence over all others, because it
 * raises an alert that no failure may hide.
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
 * Renders an error with the caller's path. A field that the gateway added has no place in the
 * caller's answer: its failure is reported where it nulled a field of the caller, and otherwise to
 * the operator alone.
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

/** The part of a path that leads to a null above its last step; undefined if there is none. */
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

/** The errors behind every wrapper that stitching and execution put around them. */
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
