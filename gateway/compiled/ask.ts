/** One call to an upstream, and its answer read. Nothing is thrown for what an upstream does wrong. */
import type { DelegationContext, UpstreamAnswer } from '../delegate/upstream.ts';
import { UpstreamFailure } from '../errors.ts';
import type { RestSource, Source } from '../graph/graph-parts.ts';
import type { KnownRows } from './known-rows.ts';
import type { Program, RestRootCall, Root } from './program.ts';
import { type AskedRoot, failAll, type ReadRoots, readGraphql } from './read-graphql.ts';

type Values = Readonly<Record<string, unknown>>;

/** What one request's calls share. */
export interface Running {
  readonly program: Program;
  /** Callers' variables, as they sent them. */
  readonly variables: Values;
  readonly context: DelegationContext;
  /** What came so far, by the root fields' keys. */
  readonly tree: Record<string, unknown>;
  /** Rows by key that were asked for; of a mutation those of the root field that runs. */
  known: KnownRows | undefined;
  /** Whether any Error stands in the tree. */
  failed: boolean;
}

const requestHeaders = Object.freeze({
  accept: 'application/graphql-response+json, application/json',
  'content-type': 'application/json',
});

/** One request to a GraphQL upstream; trouble of any kind fails all root fields. */
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

/** Failures of one REST answer that keep their places; with more, the whole answer fails. */
const placesMax = 100;

/** One REST call; `give` gets its value, read, and whether anything in it failed. */
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
    // What is no upstream's failure quotes values: it is told as one.
    value = error instanceof UpstreamFailure ? error : noFit(source.name, 'an answer');
  }
  if (value instanceof Error) reading.nulled += 1;
  if (reading.nulled > placesMax) {
    const why = `${reading.nulled - placesMax} further failures`;
    value = new UpstreamFailure({ upstream: source.name, why });
  }
  give(value, reading.nulled > 0);
}

/** The failure of an upstream for what could not be read or sent; `what` holds no value. */
export function noFit(upstream: string, what: string): UpstreamFailure {
  return new UpstreamFailure({ upstream, why: `${what} that does not fit the schema` });
}

/** What was thrown, as an Error. */
function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error('a transport threw no error');
}

/** The own properties of these names; what is not there is left out. */
export function pick(source: Values, names: readonly string[]): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const name of names) if (Object.hasOwn(source, name)) picked[name] = source[name];
  return picked;
}
