/**
 * The envelope of a GraphQL upstream's answer: what may be its data, and how many errors it reports.
 * Fails closed: a body that is no GraphQL answer is none.
 */
import type { UpstreamAnswer } from '../delegate/upstream.ts';
import { isJsonObject, ownValue } from './upstream-value.ts';

export type Path = readonly (string | number)[];

/** Errors of one answer, and places that do not fit, that are looked at one by one. */
export const errorsMax = 1000;

export interface Body {
  readonly data: Readonly<Record<string, unknown>> | undefined;
  readonly errors: readonly unknown[];
}

/** Undefined where the body is no GraphQL answer, or data that may not be the service's. */
export function parseBody(answer: UpstreamAnswer): Body | undefined {
  const { contentType, body } = answer;
  if (!/^application\/(?:[a-z0-9.-]+\+)?json$/.test(contentType)) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    // The parser's message quotes the body; the caller of this function says what is wrong.
    return undefined;
  }
  if (!isJsonObject(parsed)) return undefined;
  const errors = ownValue(parsed, 'errors') ?? [];
  const data = ownValue(parsed, 'data') ?? undefined;
  if (!Array.isArray(errors)) return undefined;
  if (data === undefined) return errors.length === 0 ? undefined : { data, errors };
  return isJsonObject(data) && maySayData(answer) ? { data, errors } : undefined;
}

/** Plain JSON under another status may be of whatever stands before the service (GraphQL over HTTP, 6.4.1). */
const maySayData = ({ status, contentType }: UpstreamAnswer): boolean =>
  (status >= 200 && status < 300) || contentType === 'application/graphql-response+json';

/** A place that an error of an upstream may name. */
export function isPath(value: unknown): value is Path {
  return (
    Array.isArray(value) &&
    value.length <= 100 &&
    value.every((part) => typeof part === 'string' || Number.isSafeInteger(part))
  );
}
