/** Makes one call to an upstream and reads its answer. Never throws for an upstream's faults. */
import type { DelegationContext, UpstreamAnswer } from '../delegate/upstream.ts';
import { UpstreamFailure } from '../errors.ts';
import type { RestSource, Source } from '../graph/graph-parts.ts';
import type { KnownRows } from './known-rows.ts';
import type { Program, RestRootCall, Root } from './program.ts';
import { type AskedRoot, failAll, type ReadRoots, readGraphql } from './read-graphql.ts';

type Values = Readonly<Record<string, unknown>>;

/** The state that the calls of one request share. */
export interface Running {
  readonly program: Program;
  /** The caller's variables, as sent. */
  readonly variables: Values;
  readonly context: DelegationContext;
  /** The values received so far, by result key of the root field. */
  readonly tree: Record<string, unknown>;
  /** Rows already asked for by key; a mutation starts anew with each root field. */
  known: KnownRows | undefined;
  /** Whether the tree holds any Error. */
  failed: boolean;
}

const requestHeaders = Object.freeze({
  accept: 'application/graphql-response+json, application/json',
  'content-type': 'application/json',
});

/** Sends one request to a GraphQL upstream; a failure of any kind fails all its root fields. */
export async function askGraphql(
  source: Extract<Source, { kind: 'graphql' }>,
  roots: readonly AskedRoot[],
  { body, label }: { body: string; label: string },
  context: DelegationContext,
): Promise<ReadRoots> {
  let answer: UpstreamAnswer;
  try {
    const isRead = label === 'query';
    const request = { method: 'POST', path: '/', label, isRead, headers: requestHeaders, body };
    answer = await source.send(request, context);
  } catch (error) {
    return failAll(roots, toError(error));
  }
  return readGraphql(source.name, roots, answer);
}

/** Most failures in one REST answer that keep their places; beyond that the whole answer fails. */
const placesMax = 100;

/** Makes one REST call; `give` receives the decoded value and whether anything in it failed. */
export async function askRest(
  source: RestSource,
  {
    call,
    args,
    fields,
    decode,
  }: Pick<RestRootCall, 'call' | 'fields'> & {
    args: Values;
    decode: Root['decode'];
  },
  context: DelegationContext,
  give: (value: unknown, failed: boolean) => void,
): Promise<void> {
  const reading = { mismatches: 0, nulled: 0 };
  let value: unknown;
  try {
    value = decode(await call.send({ args, fields, context }), reading);
  } catch (error) {
    // Any other error may quote a value of the answer, so its message is replaced.
    value = error instanceof UpstreamFailure ? error : noFit(source.name, 'an answer');
  }
  if (value instanceof Error) reading.nulled += 1;
  if (reading.nulled > placesMax) {
    const why = `${reading.nulled - placesMax} further failures`;
    value = new UpstreamFailure({ upstream: source.name, why });
  }
  give(value, reading.nulled > 0);
}

/**
 * The failure for a request or an answer that does not fit the schema; `what` must hold no value.
 */
export function noFit(upstream: string, what: string): UpstreamFailure {
  return new UpstreamFailure({ upstream, why: `${what} that does not fit the schema` });
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error('a transport threw no error');
}

/** Copies the own properties with these names; missing ones are left out. */
export function pick(source: Values, names: readonly string[]): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const name of names) if (Object.hasOwn(source, name)) picked[name] = source[name];
  return picked;
}
