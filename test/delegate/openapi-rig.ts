/**
 * A translated document over a transport that answers from a table and keeps what it was sent:
 * the executor as the gateway runs it, without a network.
 */
import { parse } from 'graphql';
import { createRestUpstream } from '../../gateway/delegate/openapi/call/rest-executor.ts';
import type { ApiDocument } from '../../gateway/delegate/openapi/document/api-document.ts';
import type { OperationsWanted } from '../../gateway/delegate/openapi/document/choose-operations.ts';
import { translateOpenApi } from '../../gateway/delegate/openapi/translate-openapi.ts';
import type {
  DelegationContext,
  Transport,
  UpstreamAnswer,
  UpstreamRequest,
} from '../../gateway/delegate/upstream.ts';
import { UpstreamFailure } from '../../gateway/errors.ts';
import { newContext } from '../support/delegation.ts';

export type Json = Readonly<Record<string, unknown>>;

/** A document of the given paths and component schemas; dereferenced by construction. */
export function toDocument(paths: Json, schemas: Json = {}): ApiDocument {
  return {
    openapi: '3.1.0',
    info: { title: 'test', version: '1' },
    paths,
    components: { schemas },
  };
}

/** An operation that answers 200 with JSON of this schema. */
export function answering(schema: unknown, more: Json = {}): Json {
  return { responses: { 200: { content: { 'application/json': { schema } } } }, ...more };
}

export function json(value: unknown, status = 200): UpstreamAnswer {
  const body = typeof value === 'string' ? value : JSON.stringify(value);
  return { status, contentType: 'application/json', body };
}

export interface Outcome {
  /** Without prototypes, so that tables compare by content. */
  data: unknown;
  /** `path: why` of every error, from the failure behind it. */
  failures: string[];
  /** Everything an answer could carry outwards, as text. */
  text: string;
  sent: UpstreamRequest[];
}

/** Runs `query` over a translation of `document` with `answer` as the upstream. */
export async function run(about: {
  document: ApiDocument;
  operations?: OperationsWanted;
  query: string;
  variables?: Json;
  answer: UpstreamAnswer | Transport;
  context?: DelegationContext;
}): Promise<Outcome> {
  const { document, operations = 'all', answer, context = newContext() } = about;
  const upstream = 'hris';
  const sent: UpstreamRequest[] = [];
  const send: Transport = (request, given) => {
    const { isRead: _, ...kept } = request;
    sent.push(kept);
    return typeof answer === 'function' ? answer(request, given) : Promise.resolve(answer);
  };
  const translated = translateOpenApi({ upstream, document, operations });
  const { executor: execute } = createRestUpstream({ ...translated, send, upstream });
  const result = await execute({
    document: parse(about.query),
    variables: about.variables ?? {},
    context,
  });
  if (!('data' in result)) throw new Error('no single result');
  const failures = (result.errors ?? []).map(({ path, originalError }) => {
    if (!(originalError instanceof UpstreamFailure)) throw new Error('an error of another source');
    return `${path?.join('.')}: ${originalError.why}`;
  });
  const { data, errors } = result;
  const behind = errors?.map((error) => [error.message, String(error.originalError?.message)]);
  const text = JSON.stringify([errors, behind]);
  return { data: structuredClone(data), failures, text, sent };
}
