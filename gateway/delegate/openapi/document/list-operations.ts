/**
 * Lists the operations of an OpenAPI document, in its order, with what the translation needs:
 * parameters (the path's and its own, which take precedence), body and answers.
 *
 * Documents are not trusted to be valid: a malformed operation is reported as a fault by method and
 * path, and the others remain.
 */
import { isJsonObject, type JsonObject } from '../../../json-value.ts';
import { mapValues } from '../../../map-values.ts';
import type { ApiDocument } from './api-document.ts';
import { lostReferenceIn } from './references.ts';
import type { SchemaLike } from './schema-shape.ts';

export interface ApiParameter {
  name: string;
  in: string;
  required: boolean;
  style: string | undefined;
  explode: boolean | undefined;
  description: string | undefined;
  schema: SchemaLike;
  /** Described by `content`: the value is a document of some media type. */
  hasContent: boolean;
}
export interface ApiEncoding {
  style?: string | undefined;
  explode?: boolean | undefined;
  contentType?: string | undefined;
}
export type ApiContent = Record<
  string,
  { schema?: SchemaLike; encoding?: ReadonlyMap<string, ApiEncoding> }
>;

export interface ListedOperation {
  /** `GET /employees/{id}`, with the path as in the document. */
  label: string;
  method: string;
  path: string;
  operationId: string | undefined;
  description: string | undefined;
  parameters: readonly ApiParameter[];
  body: { required: boolean; content: ApiContent } | undefined;
  /** By status: `200`, `2XX`, `default`. */
  responses: ReadonlyMap<string, ApiContent>;
  /** Parts of it that the graph cannot represent. */
  notes: readonly string[];
}

/** Something that cannot be an operation, and why. */
export interface OperationFault {
  label: string;
  why: string;
}

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

export function listOperations(document: ApiDocument): {
  listed: ListedOperation[];
  faults: OperationFault[];
} {
  const listed: ListedOperation[] = [];
  const faults: OperationFault[] = webhooksOf(document);
  for (const [path, item] of Object.entries(document.paths)) {
    if (path.startsWith('x-')) continue;
    if (!isJsonObject(item)) {
      faults.push({ label: path, why: 'the path is not described by an object' });
      continue;
    }
    faults.push(...faultsBeside(path, item));
    for (const method of methods) {
      if (!Object.hasOwn(item, method)) continue;
      const label = `${method.toUpperCase()} ${path}`;
      const read = toListed({ method, path, label, item, operation: item[method] });
      if (typeof read === 'string') faults.push({ label, why: read });
      else listed.push(read);
    }
  }
  return { listed, faults };
}

/** Otherwise `GET:` for `get:`, or methods behind a lost reference, would vanish silently. */
function faultsBeside(path: string, item: JsonObject): OperationFault[] {
  const lost = lostReferenceIn(item);
  if (lost !== undefined) return [{ label: path, why: lost }];
  return Object.entries(item)
    .filter(([key, value]) => isJsonObject(value) && isOperationKey(key))
    .map(([key]) => ({ label: `${key} ${path}`, why: `${key} is no method that OpenAPI has` }));
}

function isOperationKey(key: string): boolean {
  return !methods.includes(key) && !key.startsWith('x-');
}

/** Webhooks are calls by the upstream: a graph answers, it does not listen. */
function webhooksOf({ webhooks }: ApiDocument): OperationFault[] {
  const names = isJsonObject(webhooks) ? Object.keys(webhooks) : [];
  return names.map((name) => ({ label: `webhook ${name}`, why: 'webhooks have no place here' }));
}

export function listComponents(document: ApiDocument): Record<string, SchemaLike> {
  const { components } = document;
  const schemas = isJsonObject(components) ? components.schemas : undefined;
  return isJsonObject(schemas) ? mapValues(schemas, toSchema) : {};
}

/** A schema's content is checked when it is read. */
function toSchema(value: unknown): SchemaLike {
  return isJsonObject(value) || typeof value === 'boolean' ? value : undefined;
}

function toListed(about: {
  method: string;
  path: string;
  label: string;
  item: JsonObject;
  operation: unknown;
}): ListedOperation | string {
  const { path, label, operation, item } = about;
  if (!isJsonObject(operation)) return 'the operation is not described by an object';
  const own = readParameters(operation.parameters);
  const shared = readParameters(item.parameters);
  if (typeof own === 'string') return own;
  if (typeof shared === 'string') return shared;
  const { requestBody, responses, operationId, callbacks } = operation;
  const answers = isJsonObject(responses) ? Object.values(responses) : [];
  for (const part of [operation, requestBody, ...answers]) {
    const lost = lostReferenceIn(part);
    if (lost !== undefined) return lost;
  }
  const isLocated = operation.servers !== undefined || item.servers !== undefined;
  return {
    label,
    method: about.method.toUpperCase(),
    path,
    operationId: textOf(operationId),
    description: textOf(operation.summary) ?? textOf(operation.description),
    parameters: mergeParameters(own, shared),
    body: isJsonObject(requestBody)
      ? { required: requestBody.required === true, content: toContent(requestBody.content) }
      : undefined,
    responses: readResponses(responses),
    notes: [
      ...(isJsonObject(callbacks) && Object.keys(callbacks).length > 0
        ? [`callbacks have no place here: ${Object.keys(callbacks).join(', ')}`]
        : []),
      ...(isLocated ? ['its own servers are not asked, but the configured url'] : []),
    ],
  };
}

function readResponses(responses: unknown): Map<string, ApiContent> {
  if (!isJsonObject(responses)) return new Map();
  return new Map(
    Object.entries(responses).map(([status, response]) => [
      status,
      isJsonObject(response) ? toContent(response.content) : {},
    ]),
  );
}

function toContent(content: unknown): ApiContent {
  if (!isJsonObject(content)) return {};
  return mapValues(content, (media) => ({
    schema: isJsonObject(media) ? toSchema(media.schema) : undefined,
    ...(isJsonObject(media) && isJsonObject(media.encoding)
      ? { encoding: readEncoding(media.encoding) }
      : {}),
  }));
}

function readEncoding(encoding: JsonObject): Map<string, ApiEncoding> {
  const entries = Object.entries(encoding).map(([name, value]): [string, ApiEncoding] => {
    if (!isJsonObject(value)) return [name, {}];
    const { style, explode, contentType } = value;
    const exploded = typeof explode === 'boolean' ? explode : undefined;
    return [name, { style: textOf(style), explode: exploded, contentType: textOf(contentType) }];
  });
  return new Map(entries);
}

function readParameters(value: unknown): ApiParameter[] | string {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return 'the parameters are no list';
  const parameters: ApiParameter[] = [];
  for (const each of value) {
    const lost = lostReferenceIn(each);
    if (lost !== undefined) return lost;
    if (!isJsonObject(each) || typeof each.name !== 'string' || typeof each.in !== 'string') {
      return 'a parameter has no name or no place';
    }
    parameters.push({
      name: each.name,
      in: each.in,
      required: each.required === true,
      style: textOf(each.style),
      explode: typeof each.explode === 'boolean' ? each.explode : undefined,
      description: textOf(each.description),
      schema: toSchema(each.schema),
      hasContent: each.content !== undefined,
    });
  }
  return parameters;
}

function mergeParameters(own: ApiParameter[], shared: ApiParameter[]): ApiParameter[] {
  const byKey = new Map<string, ApiParameter>();
  for (const each of [...own, ...shared]) {
    const key = JSON.stringify([each.in, each.name]);
    if (!byKey.has(key)) byKey.set(key, each);
  }
  return [...byKey.values()];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
