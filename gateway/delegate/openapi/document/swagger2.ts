/**
 * Converts a Swagger 2 document to the terms of OpenAPI 3: definitions, body parameters, answers
 * with one schema, and parameters that are schemas. References are already resolved, and schemas
 * are kept as they are: their identity tells which type they are.
 */
import { isJsonObject, type JsonObject } from '../../../json-value.ts';
import type { ApiDocument } from './api-document.ts';
import { formMediaType } from './pick-media-type.ts';

const methods = new Set(['get', 'put', 'post', 'delete', 'options', 'head', 'patch']);

export function fromSwagger2(document: ApiDocument): ApiDocument {
  const { paths, definitions = {}, ...rest } = document;
  const own = { consumes: textsOf(rest.consumes), produces: textsOf(rest.produces) };
  return {
    ...rest,
    openapi: '3.0.3',
    paths: mapValues(paths, (item) => toPathItem(item, own)),
    components: { schemas: definitions },
  };
}

interface MediaTypes {
  readonly consumes: readonly string[];
  readonly produces: readonly string[];
}

/** Many documents state no media types, and mean JSON. */
function textsOf(value: unknown): string[] {
  const texts = Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
  return texts.length === 0 ? ['application/json'] : texts;
}

function toPathItem(item: unknown, types: MediaTypes): unknown {
  if (!isJsonObject(item)) return item;
  const shared = listOf(item.parameters);
  const rest = mapValues(item, (value, key) =>
    methods.has(key) && isJsonObject(value) ? toOperation(value, shared, types) : value,
  );
  return { ...rest, parameters: shared.filter(isUrlParameter).map(toParameter) };
}

function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function isUrlParameter(parameter: JsonObject): boolean {
  return parameter.in !== 'body' && parameter.in !== 'formData';
}

function toOperation(
  operation: JsonObject,
  shared: readonly JsonObject[],
  types: MediaTypes,
): JsonObject {
  const own = listOf(operation.parameters);
  const consumes = operation.consumes === undefined ? types.consumes : textsOf(operation.consumes);
  const produces = operation.produces === undefined ? types.produces : textsOf(operation.produces);
  const { responses } = operation;
  const requestBody = toBody([...own, ...shared], consumes);
  return {
    ...operation,
    parameters: own.filter(isUrlParameter).map(toParameter),
    ...(requestBody === undefined ? {} : { requestBody }),
    responses: isJsonObject(responses)
      ? mapValues(responses, (response) => toResponse(response, produces))
      : responses,
  };
}

function toBody(
  parameters: readonly JsonObject[],
  consumes: readonly string[],
): JsonObject | undefined {
  const body = parameters.find((each) => each.in === 'body');
  if (body !== undefined) {
    return { required: body.required === true, content: contentOf(consumes, body.schema) };
  }
  // The operation's own take precedence over the path's.
  const fields = parameters.filter(
    (each, at) =>
      each.in === 'formData' &&
      parameters.findIndex(({ in: place, name }) => place === each.in && name === each.name) === at,
  );
  if (fields.length === 0) return undefined;
  const type = toFormType(fields, consumes);
  const schema = {
    type: 'object',
    properties: Object.fromEntries(fields.map((each) => [String(each.name), schemaOf(each)])),
    required: fields.filter((each) => each.required === true).map((each) => String(each.name)),
  };
  const encoding = Object.fromEntries(fields.map((each) => [String(each.name), toListStyle(each)]));
  return { required: schema.required.length > 0, content: { [type]: { schema, encoding } } };
}

/** Many documents do not state how fields without a file are sent. */
function toFormType(fields: readonly JsonObject[], consumes: readonly string[]): string {
  const multipart = 'multipart/form-data';
  if (consumes.includes(formMediaType)) return formMediaType;
  const isFile = fields.some((each) => each.type === 'file');
  return isFile || consumes.includes(multipart) ? multipart : formMediaType;
}

function contentOf(types: readonly string[], schema: unknown): JsonObject {
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}

function toResponse(response: unknown, produces: readonly string[]): unknown {
  if (!isJsonObject(response) || response.schema === undefined) return response;
  const { schema, ...rest } = response;
  const isFile = isJsonObject(schema) && schema.type === 'file';
  return { ...rest, content: contentOf(isFile ? ['application/octet-stream'] : produces, schema) };
}

const styles: Readonly<Record<string, { style: string; explode: boolean }>> = {
  csv: { style: 'form', explode: false },
  ssv: { style: 'spaceDelimited', explode: false },
  tsv: { style: 'tabDelimited', explode: false },
  pipes: { style: 'pipeDelimited', explode: false },
  multi: { style: 'form', explode: true },
};

function toParameter(parameter: JsonObject): JsonObject {
  const { name, in: place, required, description } = parameter;
  const style = place === 'query' ? toListStyle(parameter) : {};
  return { name, in: place, required, description, ...style, schema: schemaOf(parameter) };
}

function toListStyle({ type, collectionFormat }: JsonObject): JsonObject {
  if (type !== 'array') return {};
  const format = typeof collectionFormat === 'string' ? collectionFormat : 'csv';
  return styles[format] ?? { style: format };
}

const schemas = new WeakMap<JsonObject, JsonObject>();

/** Cached per parameter: one shared by many operations stays one schema. */
function schemaOf(parameter: JsonObject): JsonObject {
  const known = schemas.get(parameter);
  if (known !== undefined) return known;
  const { name: _name, in: _in, required: _required, collectionFormat: _, ...schema } = parameter;
  schemas.set(parameter, schema);
  return schema;
}

function mapValues(
  object: JsonObject,
  change: (value: unknown, key: string) => unknown,
): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, change(value, key)]),
  );
}
