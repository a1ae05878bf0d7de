/**
 * Parses the envelope of a GraphQL upstream's answer: its data and its list of errors. Fails
 * closed: a body that is not a GraphQL response is rejected as a whole.
 */
import type { UpstreamAnswer } from '../delegate/upstream.ts';
import { isJsonObject } from '../json-value.ts';
import { ownValue } from './upstream-value.ts';

export type Path = readonly (string | number)[];

/** Most errors, and most mismatches, of one answer that are handled one by one. */
export const errorsMax = 1000;

export interface Body {
  readonly data: Readonly<Record<string, unknown>> | undefined;
  readonly errors: readonly unknown[];
}

/** Undefined if the body is not a GraphQL response, or its data may not come from the service. */
export function parseBody(answer: UpstreamAnswer): Body | undefined {
  const { contentType, body } = answer;
  if (!/^application\/(?:[a-z0-9.-]+\+)?json$/.test(contentType)) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    // The parser's message quotes the body; the calling function reports the fault.
    return undefined;
  }
  if (!isJsonObject(parsed)) return undefined;
  const errors = ownValue(parsed, 'errors') ?? [];
  const data = ownValue(parsed, 'data') ?? undefined;
  if (!Array.isArray(errors)) return undefined;
  if (data === undefined) return errors.length === 0 ? undefined : { data, errors };
  return isJsonObject(data) && maySayData(answer) ? { data, errors } : undefined;
}

/** Plain JSON with an error status may come from an intermediary (GraphQL over HTTP, 6.4.1). */
const maySayData = ({ status, contentType }: UpstreamAnswer): boolean =>
  (status >= 200 && status < 300) || contentType === 'application/graphql-response+json';

/** Whether a value is a path that an upstream's error may name; at most 100 steps. */
export function isPath(value: unknown): value is Path {
  return (
    Array.isArray(value) &&
    value.length <= 100 &&
    value.every((part) => typeof part === 'string' || Number.isSafeInteger(part))
  );
}
