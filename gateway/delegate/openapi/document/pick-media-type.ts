/**
 * Picks the media type of a body or an answer: JSON, or for a body the form. Among answers, the
 * lowest 2xx status that has JSON, and `default` if no 2xx is described.
 */
import type { ApiContent, ApiEncoding } from './list-operations.ts';
import type { SchemaLike } from './schema-shape.ts';

export interface JsonContent {
  mediaType: string;
  schema: SchemaLike;
}

/** `application/json`, `application/problem+json`, …, with or without parameters. */
export function isJsonMediaType(mediaType: string): boolean {
  return /^[^/;\s]+\/(?:[^;\s]*\+)?json\s*(?:;|$)/i.test(mediaType);
}

export function pickJson(content: ApiContent): JsonContent | undefined {
  const all = Object.entries(content);
  const picked =
    all.find(([type]) => /^application\/json\s*(?:;|$)/i.test(type)) ??
    all.find(([type]) => isJsonMediaType(type)) ??
    all.find(([type]) => type === '*/*' || type === 'application/*');
  if (picked === undefined) return undefined;
  const [type, { schema }] = picked;
  return { mediaType: type.includes('*') ? 'application/json' : type, schema };
}

export const formMediaType = 'application/x-www-form-urlencoded';

export interface FormContent {
  schema: SchemaLike;
  /** By property. */
  encoding: ReadonlyMap<string, ApiEncoding>;
}

export function pickForm(content: ApiContent): FormContent | undefined {
  const isForm = (type: string) => type.split(';', 1)[0]?.trim().toLowerCase() === formMediaType;
  const [, picked] = Object.entries(content).find(([type]) => isForm(type)) ?? [];
  return picked && { schema: picked.schema, encoding: picked.encoding ?? new Map() };
}

export function pickAnswer(responses: ReadonlyMap<string, ApiContent>): {
  json: JsonContent | undefined;
  mayBeEmpty: boolean;
  notes: string[];
} {
  const described = [...responses]
    .filter(([status]) => /^2(?:\d\d|XX)$/i.test(status))
    .sort(([one], [other]) => (one.toUpperCase() < other.toUpperCase() ? -1 : 1));
  // `default` covers every status not described, including success if no 2xx is.
  const fallback = [...responses].filter(([status]) => status === 'default');
  const successes = described.length > 0 ? described : fallback;
  const withJson = successes.flatMap(([status, content]) => {
    const json = pickJson(content);
    return json === undefined ? [] : [{ status, json }];
  });
  const [first, ...others] = withJson;
  const notes: string[] = [];
  if (described.length === 0) {
    const what = first === undefined ? 'only success is told' : 'the one called default is used';
    notes.push(`no 2xx answer is described: ${what}`);
  }
  if (others.some(({ json }) => json.schema !== first?.json.schema)) {
    notes.push(`of several answers, that of status ${first?.status} is used`);
  }
  const opaque = successes.filter(([, content]) => Object.keys(content).length > 0);
  if (first === undefined && opaque.length > 0 && described.length > 0) {
    notes.push('the answer is not JSON: only success is told');
  }
  return { json: first?.json, mayBeEmpty: successes.some(isEmpty), notes };
}

function isEmpty([, content]: readonly [string, ApiContent]): boolean {
  return Object.keys(content).length === 0;
}
